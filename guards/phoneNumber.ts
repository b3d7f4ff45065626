import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { CountryCode, PhoneNumber } from 'libphonenumber-js/max';
import type { Span } from './span';

/** ISO 3166-1 alpha-2. */
export type PhoneRegion = CountryCode;

/** What looks like a number to call: groups of digits with the separators people use. */
const CANDIDATE = /(?<![\w+])(?:\+ ?|\(\+?)?\d[\d ().\/\u00a0-]{4,24}\d(?!\w)/g;
const ISO_DATE = /^\d{4}-\d{2}-\d{2}(?!\d)/;
const MIN_DIGITS = 7;
/** Validating takes some 50 µs. What comes after so many is taken for a phone number unseen: too much is hidden, never too little. */
const MAX_VALIDATIONS = 200;
const MAX_DROPPED_GROUPS = 2;

/**
 * Phone numbers: international ones (`+` or `00`) of a possible length, and national ones of the regions given that are valid.
 * Default: no region, since each one more makes phone numbers of order numbers.
 */
export function findPhoneNumbers(text: string, regions: readonly PhoneRegion[] = []): Span[] {
  const budget = { validations: MAX_VALIDATIONS };
  const spans: Span[] = [];
  for (const { index, 0: found } of text.matchAll(CANDIDATE)) {
    const length = phoneLength(found, { regions, budget });
    if (length > 0) spans.push({ start: index, end: index + length });
  }
  return spans;
}

/** The length of the phone number that the candidate begins with; 0 if it is none. Trailing groups may belong to something else. */
function phoneLength(
  candidate: string,
  { regions, budget }: { regions: readonly PhoneRegion[]; budget: { validations: number } },
): number {
  const isInternational = /^(?:\(?\+|00)/.test(candidate);
  if ((!isInternational && regions.length === 0) || ISO_DATE.test(candidate)) return 0;
  let rest = candidate;
  for (let dropped = 0; dropped <= MAX_DROPPED_GROUPS && countDigits(rest) >= MIN_DIGITS; dropped += 1) {
    if (budget.validations <= 0) return candidate.length;
    budget.validations -= isInternational ? 1 : regions.length;
    if (isPhoneNumber(rest, isInternational ? [undefined] : regions)) return rest.length;
    rest = rest.replace(/[ ().\/\u00a0-]{1,3}\d{1,26}$/, '');
  }
  return 0;
}

function isPhoneNumber(text: string, regions: readonly (PhoneRegion | undefined)[]): boolean {
  const number = text.replace(/^00/, '+').replace(/^\(\+/, '+').replaceAll('\u00a0', ' ');
  return regions.some((region) => isNumber(parsePhoneNumberFromString(number, region), region));
}

/** Whoever writes a country code means a phone number, mistyped or not; without one it must be valid by the numbering plan. */
function isNumber(number: PhoneNumber | undefined, region: PhoneRegion | undefined): boolean {
  return (region === undefined ? number?.isPossible() : number?.isValid()) === true;
}

function countDigits(text: string): number {
  return text.replace(/\D/g, '').length;
}
