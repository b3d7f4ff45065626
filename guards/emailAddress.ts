import type { Span } from './span';

/** RFC 5321, 4.5.3.1. */
const MAX_LOCAL_LENGTH = 64;
const MAX_DOMAIN_LENGTH = 253;

const LOCAL_CHARACTER = /[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]/u;
const DOMAIN_CHARACTER = /[\p{L}\p{N}.-]/u;
const DOMAIN = /^(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.){1,8}\p{L}{2,24}$/u;

/** E-mail addresses, found outwards from each `@` so that the work is bounded by the limits of an address. */
export function findEmailAddresses(text: string): Span[] {
  const spans: Span[] = [];
  for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + 1)) {
    const span = addressAround(text, at);
    if (span !== null) spans.push(span);
  }
  return spans;
}

function addressAround(text: string, at: number): Span | null {
  let start = at;
  while (start > 0 && at - start < MAX_LOCAL_LENGTH && LOCAL_CHARACTER.test(text.charAt(start - 1))) start -= 1;
  while (start < at && isEdge(text.charAt(start))) start += 1;
  let end = at + 1;
  while (end < text.length && end - at <= MAX_DOMAIN_LENGTH && DOMAIN_CHARACTER.test(text.charAt(end))) end += 1;
  while (end > at + 1 && isEdge(text.charAt(end - 1))) end -= 1;
  const isAddress = start < at && DOMAIN.test(text.slice(at + 1, end));
  return isAddress ? { start, end } : null;
}

/** Punctuation of the sentence rather than of the address. */
function isEdge(character: string): boolean {
  return character === '.' || character === '-' || character === "'" || character === '`';
}
