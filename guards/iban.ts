import type { Span } from './span';

/** Length of an IBAN by country: the registry of ISO 13616. */
const LENGTH_OF_COUNTRY: ReadonlyMap<string, number> = new Map(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 ' +
    'FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 ' +
    'LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 ' +
    'SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

const OPENING = /(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}/g;
const ALPHANUMERIC = /[A-Za-z0-9]/;
const SEPARATOR = /[ \u00a0-]/;

/** IBANs of known countries with right check digits, written together or in groups. */
export function findIbans(text: string): Span[] {
  const spans: Span[] = [];
  for (const { index } of text.matchAll(OPENING)) {
    const length = LENGTH_OF_COUNTRY.get(text.slice(index, index + 2).toUpperCase());
    if (length === undefined) continue;
    const read = readCharacters(text, { start: index, count: length });
    if (read !== null && isIban(read.characters)) spans.push({ start: index, end: read.end });
  }
  return spans;
}

/** So many letters and digits, with at most one separator between two, and none directly after. */
function readCharacters(
  text: string,
  { start, count }: { start: number; count: number },
): { characters: string; end: number } | null {
  let characters = '';
  let position = start;
  while (characters.length < count) {
    const character = text.charAt(position);
    if (ALPHANUMERIC.test(character)) characters += character;
    else if (!SEPARATOR.test(character) || !ALPHANUMERIC.test(text.charAt(position + 1))) return null;
    position += 1;
  }
  return ALPHANUMERIC.test(text.charAt(position)) ? null : { characters, end: position };
}

/** ISO 7064 MOD 97-10: the first four characters moved to the end, letters as 10 to 35, leave 1 when divided by 97. */
export function isIban(characters: string): boolean {
  let remainder = 0;
  for (const character of (characters.slice(4) + characters.slice(0, 4)).toUpperCase()) {
    const value = parseInt(character, 36);
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder === 1;
}
