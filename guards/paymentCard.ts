import type { Span } from './span';

const MIN_DIGITS = 12;
const MAX_DIGITS = 19;
const OPENING_DIGITS = 4;
/** Nobody writes a card number in groups that begin with one or two digits. */
const MIN_FIRST_GROUP = 3;

/** Beginnings of card numbers and their lengths (ISO/IEC 7812). One in ten other numbers would pass the check digit alone. */
const ISSUERS: readonly { readonly from: number; readonly to: number; readonly lengths: readonly number[] }[] = [
  { from: 4000, to: 4999, lengths: [13, 16, 19] },
  { from: 5100, to: 5599, lengths: [16] },
  { from: 2221, to: 2720, lengths: [16] },
  { from: 3400, to: 3499, lengths: [15] },
  { from: 3700, to: 3799, lengths: [15] },
  { from: 3000, to: 3059, lengths: [14, 16, 19] },
  { from: 3600, to: 3699, lengths: [14, 16, 19] },
  { from: 3800, to: 3999, lengths: [14, 16, 19] },
  { from: 3528, to: 3589, lengths: [16, 17, 18, 19] },
  { from: 1800, to: 1800, lengths: [15] },
  { from: 2131, to: 2131, lengths: [15] },
  { from: 6011, to: 6011, lengths: [16, 17, 18, 19] },
  { from: 6440, to: 6599, lengths: [16, 17, 18, 19] },
  { from: 6200, to: 6299, lengths: [16, 17, 18, 19] },
  { from: 5000, to: 5099, lengths: [12, 13, 14, 15, 16, 17, 18, 19] },
  { from: 5600, to: 5899, lengths: [12, 13, 14, 15, 16, 17, 18, 19] },
  { from: 6300, to: 6399, lengths: [12, 13, 14, 15, 16, 17, 18, 19] },
  { from: 6700, to: 6799, lengths: [12, 13, 14, 15, 16, 17, 18, 19] },
  { from: 2200, to: 2204, lengths: [16, 17, 18, 19] },
];

/** For each first four digits, the lengths that a number may have, as a set of bits. */
const LENGTHS_OF_OPENING = new Uint32Array(10_000);
for (const { from, to, lengths } of ISSUERS) {
  for (let opening = from; opening <= to; opening += 1) {
    for (const length of lengths) LENGTHS_OF_OPENING[opening] = (LENGTHS_OF_OPENING[opening] ?? 0) | (1 << length);
  }
}

/** Payment card numbers with a known beginning and a right check digit, written together or in groups. */
export function findPaymentCards(text: string): Span[] {
  const groups = [...text.matchAll(/\d+/g)].map(({ index, 0: digits }) => ({
    start: index,
    end: index + digits.length,
  }));
  const spans: Span[] = [];
  for (let first = 0; first < groups.length; first += 1) {
    const last = lastGroupOfCard(text, { groups, first });
    const [start, end] = [groups[first]?.start, groups[last ?? -1]?.end];
    if (last === null || start === undefined || end === undefined) continue;
    spans.push({ start, end });
    first = last;
  }
  return spans;
}

/** The index of the group that ends a card number which begins with group `first`; null if none does. */
function lastGroupOfCard(text: string, { groups, first }: { groups: readonly Span[]; first: number }): number | null {
  let digits = '';
  let previousEnd = -1;
  const opening = groups[first];
  if (opening === undefined || opening.end - opening.start < MIN_FIRST_GROUP) return null;
  for (let index = first; index < groups.length; index += 1) {
    const group = groups[index];
    if (group === undefined || digits.length + group.end - group.start > MAX_DIGITS) return null;
    const isNextGroup = group.start - previousEnd === 1 && isSeparator(text.charCodeAt(previousEnd));
    if (previousEnd !== -1 && !isNextGroup) return null;
    digits += text.slice(group.start, group.end);
    if (digits.length >= OPENING_DIGITS && lengthsOf(digits) === 0) return null;
    if (digits.length >= MIN_DIGITS && isPaymentCard(digits)) return index;
    previousEnd = group.end;
  }
  return null;
}

/** Space, hyphen or no-break space. */
function isSeparator(code: number): boolean {
  return code === 0x20 || code === 0x2d || code === 0xa0;
}

export function isPaymentCard(digits: string): boolean {
  return (lengthsOf(digits) & (1 << digits.length)) !== 0 && hasCheckDigit(digits);
}

function lengthsOf(digits: string): number {
  return LENGTHS_OF_OPENING[Number(digits.slice(0, OPENING_DIGITS))] ?? 0;
}

/** The Luhn formula (ISO/IEC 7812-1, annex B). */
function hasCheckDigit(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 0x30;
    const doubled = digit * 2;
    sum += index % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
