import type { JsonValue } from '../contracts/digest';

/**
 * All strings and numbers of a JSON value, numbers as text, in order; keys are not looked at. Works on any depth, since it keeps
 * its own stack.
 */
export function jsonLeaves(value: JsonValue): string[] {
  const leaves: string[] = [];
  const pending: JsonValue[] = [value];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next === 'string') leaves.push(next);
    else if (typeof next === 'number') leaves.push(String(next));
    else if (typeof next === 'object' && next !== null) {
      const inner = Array.isArray(next) ? (next as readonly JsonValue[]) : Object.values(next);
      for (let index = inner.length - 1; index >= 0; index -= 1) pending.push(inner[index] ?? null);
    }
  }
  return leaves;
}
