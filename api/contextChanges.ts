import type { JsonObject, JsonValue } from '../contracts/digest';

export interface ContextChange {
  /** JSON Pointer (RFC 6901). */
  readonly path: string;
  readonly before: JsonValue;
  readonly after: JsonValue;
}

const MAX_CHANGES = 100;

/** Where two values differ, at the deepest places, at most 100. What one of them lacks is null there. */
export function changesBetween(before: JsonValue, after: JsonValue): readonly ContextChange[] {
  return [...differences(before, after, '')].slice(0, MAX_CHANGES);
}

function* differences(before: JsonValue, after: JsonValue, path: string): Generator<ContextChange> {
  if (!isBranch(before) || !isBranch(after) || Array.isArray(before) !== Array.isArray(after)) {
    if (JSON.stringify(before) !== JSON.stringify(after)) yield { path, before, after };
    return;
  }
  const [one, other] = [before as JsonObject, after as JsonObject];
  for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
    const pointer = `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    yield* differences(one[key] ?? null, other[key] ?? null, pointer);
  }
}

function isBranch(value: JsonValue): value is JsonObject | readonly JsonValue[] {
  return typeof value === 'object' && value !== null;
}
