import type { JsonObject, JsonValue } from '../contracts/digest';
import { mask, type PersonalDataOptions } from '../guards/personalData';

/** The value with the personal data in its strings masked: `[EMAIL]` for an address. Names of fields stay as they are. */
export function maskPersonalData(value: JsonValue, options: PersonalDataOptions = {}): JsonValue {
  const masked = (each: JsonValue) => maskPersonalData(each, options);
  if (typeof value === 'string') return mask(value, options);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map(masked);
  return Object.fromEntries(Object.entries(value as JsonObject).map(([name, each]) => [name, masked(each)]));
}
