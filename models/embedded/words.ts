const APOSTROPHES = /['’`]/g;
const NOT_A_WORD = /[^\p{L}\p{N}]+/u;
const COMBINING_MARKS = /\p{M}+/gu;

/** Longest text that is read, in characters. What lies beyond it adds time and next to nothing to the class. */
export const MAX_CHARACTERS = 4_000;

/**
 * The words of a text: lower case, accents and apostrophes removed ("Don't" is `dont`), split at everything that is
 * neither letter nor digit. Text beyond {@link MAX_CHARACTERS} is not read. Empty for a text without letters or digits.
 */
export function wordsOf(text: string): string[] {
  return text
    .slice(0, MAX_CHARACTERS)
    .normalize('NFKD')
    .replace(COMBINING_MARKS, '')
    .replace(APOSTROPHES, '')
    .toLowerCase()
    .split(NOT_A_WORD)
    .filter((word) => word !== '');
}
