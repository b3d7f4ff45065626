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

/** All claims of a text, sorted by position. Numbers written in words are not claims here. */
export function findClaims(text: string): Claim[] {
  const marks = spansOf(text, LIST_MARK).map((span) => ({ ...span, kind: null, readings: [] }));
  const found = [
    ...findEmailAddresses(text).map((span) => claim('email', span, [text.slice(span.start, span.end).toLowerCase()])),
    ...spansOf(text, URL_FORM).map((span) => urlClaim(text, span)),
    ...findDates(text).map(({ start, end, readings }) => claim('date', { start, end }, readings)),
    ...marks,
    ...spansOf(text, PHONE_FORM).map((span) =>
      claim('phone', span, [text.slice(span.start, span.end).replace(/\D/g, '')]),
    ),
    ...spansOf(text, TIME_FORM).map((span) => claim('time', span, [clockReading(text.slice(span.start, span.end))])),
    ...spansOf(text, NUMBER_FORM).map((span) =>
      claim('number', span, numberReadings(text.slice(span.start, span.end))),
    ),
  ];
  return withoutOverlaps(found, text.length).filter((each): each is Claim => each.kind !== null);
}

function claim(kind: ClaimKind, { start, end }: Span, readings: readonly string[]): Claim {
  return { kind, start, end, readings };
}

/** Hours and minutes: `09:05:30` is said as `9:05`. */
function clockReading(written: string): string {
  return written.replace(/^0/, '').split(':').slice(0, 2).join(':');
}

/** Without the sentence's punctuation, scheme, `www.` and a slash at the end. */
function urlClaim(text: string, { start, end }: Span): Claim {
  const url = text.slice(start, end).replace(/[.,;:!?]{1,5}$/, '');
  const address = url
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/^www\./, '')
    .replace(/\/$/, '');
  return claim('url', { start, end: start + url.length }, [address]);
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

function spansOf(text: string, pattern: RegExp): Span[] {
  return [...text.matchAll(pattern)].map(({ index, 0: found }) => ({ start: index, end: index + found.length }));
}
