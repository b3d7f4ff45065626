import type { Random } from './random';

/** What a finger near each key hits by mistake, on the QWERTY layout. */
const NEIGHBOURS: Readonly<Record<string, string>> = {
  a: 'qwsz',
  b: 'vghn',
  c: 'xdfv',
  d: 'serfcx',
  e: 'wsdr',
  f: 'drtgvc',
  g: 'ftyhbv',
  h: 'gyujnb',
  i: 'ujko',
  j: 'huikmn',
  k: 'jiolm',
  l: 'kop',
  m: 'njk',
  n: 'bhjm',
  o: 'iklp',
  p: 'ol',
  q: 'wa',
  r: 'edft',
  s: 'awedxz',
  t: 'rfgy',
  u: 'yhji',
  v: 'cfgb',
  w: 'qase',
  x: 'zsdc',
  y: 'tghu',
  z: 'asx',
};
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz';

/**
 * A copy of a text in which each letter is mistyped with the given chance: a neighbouring key, any letter, left out, doubled, or
 * swapped with the next, equally often. Everything that isn't a letter stays.
 */
export function mistype(text: string, { chance, random }: { chance: number; random: Random }): string {
  let typed = '';
  for (let at = 0; at < text.length; at++) {
    const letter = text.charAt(at);
    if (random() >= chance || !/\p{L}/u.test(letter)) {
      typed += letter;
      continue;
    }
    const next = text.charAt(at + 1);
    const near = oneOf(NEIGHBOURS[letter.toLowerCase()] ?? ALPHABET, random);
    const slips = [near, oneOf(ALPHABET, random), '', letter + letter, next + letter];
    const slip = Math.floor(random() * slips.length);
    // A swap has also typed the next letter.
    if (slip === slips.length - 1) at++;
    typed += slips[slip] ?? '';
  }
  return typed;
}

function oneOf(letters: string, random: Random): string {
  return letters.charAt(Math.floor(random() * letters.length));
}
