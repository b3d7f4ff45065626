import { jsonrepair } from 'jsonrepair';
import { z } from 'zod';
import type { JsonObject, JsonValue } from '../contracts/digest';

/** A longer text is not repaired, in UTF-16 units. */
const MAX_REPAIR_LENGTH = 1_000_000;

/**
 * The JSON of an answer, or null. Broken JSON is repaired only where `mayRepair` says that the model had finished, and is then
 * held against the schema, since the repair makes JSON of anything: of a refusal it makes a string.
 */
export function parseAnswer(
  text: string,
  { schema, mayRepair }: { schema: JsonObject; mayRepair: boolean },
): { readonly output: JsonValue; readonly isRepaired: boolean } | null {
  const parsed = parse(text);
  if (isObject(parsed)) return { output: parsed, isRepaired: false };
  if (!mayRepair || text.length > MAX_REPAIR_LENGTH) return null;
  const repaired = repair(text);
  return repaired !== undefined && follows(repaired, schema) ? { output: repaired, isRepaired: true } : null;
}

function parse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

function repair(text: string): JsonValue | undefined {
  try {
    return parse(jsonrepair(text));
  } catch {
    return undefined;
  }
}

function follows(value: JsonValue, schema: JsonObject): boolean {
  try {
    return z.fromJSONSchema({ ...schema }).safeParse(value).success;
  } catch {
    // A schema that can't be checked proves nothing about the repair.
    return false;
  }
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
