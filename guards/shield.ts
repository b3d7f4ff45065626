import type { JsonObject, JsonValue } from '../contracts/digest';
import { type PersonalDataOptions, type PersonalDataTokens, restore, tokenize } from './personalData';

/** Stands between the strings while they are searched together; no keyboard makes it, and it is checked for. */
const BETWEEN = '\n\u241e\n';

/**
 * Replaces known personal data in all strings of a JSON value by tokens. The same datum gets the same token wherever it
 * stands, so that a model can speak of `<EMAIL_1>`. Throws a RangeError for a string that holds the separator.
 */
export function shield(
  value: JsonValue,
  options: PersonalDataOptions = {},
): { value: JsonValue; tokens: PersonalDataTokens } {
  const strings: string[] = [];
  mapStrings(value, (text) => {
    strings.push(text);
    return text;
  });
  if (strings.length === 0) return { value, tokens: tokenize('').tokens };
  const { text, tokens } = tokenize(strings.join(BETWEEN), options);
  const replaced = text.split(BETWEEN);
  if (replaced.length !== strings.length)
    throw new RangeError('a text holds the separator of the search for personal data');
  let next = 0;
  return { value: mapStrings(value, () => replaced[next++] ?? ''), tokens };
}

/** Puts the data back for their tokens. */
export function unshield(value: JsonValue, tokens: PersonalDataTokens): JsonValue {
  return mapStrings(value, (text) => restore(text, tokens));
}

function mapStrings(value: JsonValue, change: (text: string) => string): JsonValue {
  if (typeof value === 'string') return change(value);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((each) => mapStrings(each, change));
  const entries = Object.entries(value as JsonObject).map(([key, each]) => [key, mapStrings(each, change)] as const);
  return Object.fromEntries(entries);
}
