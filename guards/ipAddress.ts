import { isIPv4, isIPv6 } from 'node:net';
import type { Span } from './span';

/** Only a run of digits and dots that is not part of a longer one is looked at, which keeps the work linear. */
const DOTTED = /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)/g;
const COLONED = /(?<![\w:.])[0-9A-Fa-f]{2,4}:[0-9A-Fa-f:.]{2,41}(?![\w:])/g;

/** Global, unique local, link-local and multicast addresses: `bad::cafe` in a program is none of them. */
const IPV6_OPENING = /^(?:[23][0-9a-f]{3}|f[cdef][0-9a-f]{2}|64):/i;

/** IP addresses of version 4 and 6, except those that mean this machine or nobody. */
export function findIpAddresses(text: string): Span[] {
  const dotted = spansOf(text, {
    pattern: DOTTED,
    isAddress: (address) => isIPv4(address) && !/^(?:0|127)\./.test(address),
  });
  const coloned = spansOf(text, {
    pattern: COLONED,
    isAddress: (address) => IPV6_OPENING.test(address) && isIPv6(address),
  });
  return [...dotted, ...coloned];
}

function spansOf(
  text: string,
  { pattern, isAddress }: { pattern: RegExp; isAddress: (address: string) => boolean },
): Span[] {
  return [...text.matchAll(pattern)].flatMap(({ index, 0: found }) => {
    const address = found.endsWith('.') ? found.slice(0, -1) : found;
    return isAddress(address) ? [{ start: index, end: index + address.length }] : [];
  });
}
