import { findEmailAddresses } from './emailAddress';
import { findIbans } from './iban';
import { findIpAddresses } from './ipAddress';
import { findPaymentCards } from './paymentCard';
import { findPhoneNumbers } from './phoneNumber';
import type { PhoneRegion } from './phoneNumber';
import { withoutOverlaps } from './span';
import type { Span } from './span';

export const PERSONAL_DATA_KINDS = ['EMAIL', 'IBAN', 'CARD', 'IP', 'PHONE'] as const;
export type PersonalDataKind = (typeof PERSONAL_DATA_KINDS)[number];

export interface PersonalDataSpan extends Span {
  readonly kind: PersonalDataKind;
}

export interface PersonalDataOptions {
  /** Regions whose national phone numbers are known. Default: none; numbers with a country code are always found. */
  readonly phoneRegions?: readonly PhoneRegion[];
}

/** What each token stands for, such as `<EMAIL_1>` for an address. */
export type PersonalDataTokens = ReadonlyMap<string, string>;

const TOKEN = /<(?:EMAIL|IBAN|CARD|IP|PHONE)_\d{1,7}>/g;

/**
 * Personal data that has a form of its own, sorted by position: e-mail addresses, IBANs, payment cards, IP addresses and phone
 * numbers, by checksum or numbering plan where there is one. Names and postal addresses have no such form and are not found.
 */
export function findPersonalData(text: string, options: PersonalDataOptions = {}): PersonalDataSpan[] {
  const found: Readonly<Record<PersonalDataKind, Span[]>> = {
    EMAIL: findEmailAddresses(text),
    IBAN: findIbans(text),
    CARD: findPaymentCards(text),
    IP: findIpAddresses(text),
    PHONE: findPhoneNumbers(text, options.phoneRegions),
  };
  const spans = PERSONAL_DATA_KINDS.flatMap((kind) => found[kind].map((span) => ({ ...span, kind })));
  return withoutOverlaps(spans, text.length);
}

/**
 * The text with a token in the place of each datum, and what the tokens stand for. The same datum always gets the same token.
 * A token that stood in the text already is not given out, so `restore` always gives back exactly the text.
 */
export function tokenize(
  text: string,
  options: PersonalDataOptions = {},
): { text: string; tokens: PersonalDataTokens } {
  const taken = new Set(text.match(TOKEN));
  const tokenOf = new Map<string, string>();
  const counts = new Map<PersonalDataKind, number>();
  const replaced = replaceSpans(text, findPersonalData(text, options), ({ kind, datum }) => {
    const known = tokenOf.get(datum);
    if (known !== undefined) return known;
    let token: string;
    do {
      const count = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, count);
      token = `<${kind}_${count}>`;
    } while (taken.has(token));
    tokenOf.set(datum, token);
    return token;
  });
  return { text: replaced, tokens: new Map([...tokenOf].map(([datum, token]) => [token, datum])) };
}

/** Puts the data back for their tokens; tokens that stand for nothing stay. */
export function restore(text: string, tokens: PersonalDataTokens): string {
  return text.replace(TOKEN, (token) => tokens.get(token) ?? token);
}

/** The text as someone may see it who may not see personal data: `[EMAIL]` for an address. It can't be undone. */
export function mask(text: string, options: PersonalDataOptions = {}): string {
  return replaceSpans(text, findPersonalData(text, options), ({ kind }) => `[${kind}]`);
}

function replaceSpans(
  text: string,
  spans: readonly PersonalDataSpan[],
  replacement: (found: { kind: PersonalDataKind; datum: string }) => string,
): string {
  const pieces: string[] = [];
  let position = 0;
  for (const { kind, start, end } of spans) {
    pieces.push(text.slice(position, start), replacement({ kind, datum: text.slice(start, end) }));
    position = end;
  }
  return pieces.join('') + text.slice(position);
}
