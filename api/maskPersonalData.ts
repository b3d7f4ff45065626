import type { JsonObject, JsonValue } from '../contracts/digest';
import { mask } from '../guards/personalData';

/** The value with the personal data in its strings masked: `[EMAIL]` for an address. Names of fields stay as they are. */
export function maskPersonalData(value: JsonValue): JsonValue {
  if (typeof value === 'string') return mask(value);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map(maskPersonalData);
  return Object.fromEntries(Object.entries(value as JsonObject).map(([name, each]) => [name, maskPersonalData(each)]));
}
