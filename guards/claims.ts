import { findDates } from './calendarDate';
import { findEmailAddresses } from './emailAddress';
import { withoutOverlaps } from './span';
import type { Span } from './span';

export const CLAIM_KINDS = ['email', 'url', 'date', 'phone', 'time', 'number'] as const;
export type ClaimKind = (typeof CLAIM_KINDS)[number];

/** Something in a text that is right or wrong: a number, a date, an address. */
export interface Claim extends Span {
  readonly kind: ClaimKind;
  /** The ways to read it, in a form that can be compared. */
  readonly readings: readonly string[];
}

const URL_FORM =
  /\b(?:https?:\/\/|www\.)[^\s<>"'()]{1,500}|(?<![\w.-])(?:[a-z0-9-]{1,63}\.){1,4}(?:com|net|org|io|co|uk|de|fr|es|it|nl|eu|us|ch|at|info|biz|app|dev|bank|online|site|xyz|link|ly|me)\b(?:\/[^\s<>"'()]{0,300})?/gi;
const PHONE_FORM = /(?<![\w+.,])(?:\+ ?|\(\+?|0)\d?[\d ().\/\u00a0-]{5,24}\d(?!\w)/g;
const TIME_FORM = /(?<![\d:])\d{1,2}:\d{2}(?::\d{2})?(?![\d:])/g;
const NUMBER_FORM = /\d+(?:[.,'\u00a0\u202f]\d+)*/g;
/** "1." at the beginning of a line numbers a list. */
const LIST_MARK = /^[ \t]{0,8}\d{1,2}[.)](?=\s)/gm;

/** Where a claim may stand; `list_mark` keeps the number of a list from being one. */
interface Candidate extends Span {
  readonly kind: ClaimKind | 'list_mark';
  readonly readings?: readonly string[];
}

/** All claims of a text, sorted by position. Numbers written in words are not claims here. */
export function findClaims(text: string): Claim[] {
  const candidates: Candidate[] = [
    ...findEmailAddresses(text).map(({ start, end }) => ({ kind: 'email' as const, start, end })),
    ...candidatesOf(text, { kind: 'url', pattern: URL_FORM }),
    ...findDates(text).map(({ start, end, readings }) => ({ kind: 'date' as const, start, end, readings })),
    ...candidatesOf(text, { kind: 'list_mark', pattern: LIST_MARK }),
    ...candidatesOf(text, { kind: 'phone', pattern: PHONE_FORM }),
    ...candidatesOf(text, { kind: 'time', pattern: TIME_FORM }),
    ...candidatesOf(text, { kind: 'number', pattern: NUMBER_FORM }),
  ];
  const claims: Claim[] = [];
  for (const { kind, start, end, readings } of withoutOverlaps(candidates, text.length)) {
    if (kind === 'list_mark') continue;
    claims.push({ kind, start, end, readings: readings ?? READINGS_OF[kind](text.slice(start, end)) });
  }
  return claims;
}

function candidatesOf(text: string, { kind, pattern }: { kind: Candidate['kind']; pattern: RegExp }): Candidate[] {
  const candidates: Candidate[] = [];
  for (const { index, 0: found } of text.matchAll(pattern)) {
    const length = kind === 'url' ? withoutPunctuation(found).length : found.length;
    candidates.push({ kind, start: index, end: index + length });
  }
  return candidates;
}

const READINGS_OF: Readonly<Record<ClaimKind, (written: string) => readonly string[]>> = {
  email: (written) => [written.toLowerCase()],
  url: (written) => [urlReading(written)],
  date: (written) => findDates(written).flatMap(({ readings }) => readings),
  phone: (written) => [written.replace(/\D/g, '')],
  time: (written) => [clockReading(written)],
  number: numberReadings,
};

/** Hours and minutes: `09:05:30` is said as `9:05`. */
function clockReading(written: string): string {
  return written.replace(/^0/, '').split(':').slice(0, 2).join(':');
}

/** The punctuation after an address is the sentence's. */
function withoutPunctuation(url: string): string {
  return url.replace(/[.,;:!?]{1,5}$/, '');
}

/** Without scheme, `www.` and a slash at the end. */
function urlReading(url: string): string {
  return url
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/^www\./, '')
    .replace(/\/$/, '');
}

/**
 * `1,234.50` is read as 1234.5; `1.234` is read both as a thousand and as one and a bit, since both are written. A number that
 * begins with zero is a code and is only equal to itself.
 */
export function numberReadings(written: string): string[] {
  if (/^\d+$/.test(written)) return [written];
  const plain = written.replace(/['\u00a0\u202f]/g, '');
  const readings = [asNumber(plain, { decimal: '.', grouping: ',' }), asNumber(plain, { decimal: ',', grouping: '.' })];
  const known = [...new Set(readings.filter((each) => each !== null))];
  return known.length > 0 ? known : [written];
}

function asNumber(written: string, { decimal, grouping }: { decimal: string; grouping: string }): string | null {
  const parts = written.split(decimal);
  const [whole = '', fraction = ''] = parts;
  const groups = whole.split(grouping);
  const isGrouped =
    groups.slice(1).every((group) => group.length === 3) && (groups.length === 1 || (groups[0] ?? '').length <= 3);
  if (parts.length > 2 || !isGrouped || /\D/.test(fraction)) return null;
  const digits = groups.join('').replace(/^0+(?=\d)/, '');
  const decimals = fraction.replace(/0+$/, '');
  return decimals === '' ? digits : `${digits}.${decimals}`;
}
