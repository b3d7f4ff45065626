/** What stands in a text besides what can be read. */
export interface HiddenCharacters {
  /** C0 and C1 control characters except tab and line feed. */
  readonly control: number;
  /** Characters that turn the direction of writing, so that what is shown differs from what is read. */
  readonly bidirectional: number;
  /** Characters of no width: they split a word unseen. */
  readonly zeroWidth: number;
  /** Unicode tag characters: a text within the text that nobody sees and a model reads. */
  readonly tags: number;
  /** Halves of surrogate pairs: broken encoding. */
  readonly loneSurrogates: number;
}

export interface Readable {
  /** NFC, line feeds only, without hidden characters, trimmed. What all other checks look at. */
  readonly normalised: string;
  readonly hidden: HiddenCharacters;
  /** Letters and digits of the normalised text, counted up to 1,000; an ideograph counts twice. */
  readonly letters: number;
  readonly isEmpty: boolean;
  /** Nothing can be done with it: an emoji, "ok", "?". */
  readonly isTooShort: boolean;
}

/** Fewer letters and digits than this say nothing that could be acted on. */
export const DEFAULT_MIN_LETTERS = 4;

const MAX_COUNTED_LETTERS = 1_000;

const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
const BIDIRECTIONAL = /[\u202a-\u202e\u2066-\u2069]/g;
// The joiners U+200C and U+200D have a meaning in several scripts and in emoji: only beside Latin letters have they none.
const ZERO_WIDTH =
  /[\u00ad\u200b\u2060-\u2064\ufeff]|(?<=[A-Za-z])[\u200c\u200d]{1,16}|[\u200c\u200d]{1,16}(?=[A-Za-z])/g;
const TAGS = /[\u{e0000}-\u{e007f}]/gu;
/** The flags of England, Scotland and Wales are the one good use of tags. */
const FLAGS = /\u{1f3f4}[\u{e0061}-\u{e007a}]{2,6}\u{e007f}/gu;
const LONE_SURROGATES = /\p{Surrogate}/gu;

/** Reads a text as a person would see it, and counts what a person would not see. */
export function readText(text: string, minLetters: number = DEFAULT_MIN_LETTERS): Readable {
  const lines = text.replace(/\r\n?/g, '\n');
  const hidden = {
    control: count(lines, CONTROL),
    bidirectional: count(lines, BIDIRECTIONAL),
    zeroWidth: count(lines, ZERO_WIDTH),
    tags: count(lines.replace(FLAGS, ''), TAGS),
    loneSurrogates: count(lines, LONE_SURROGATES),
  };
  const normalised = visible(lines);
  const letters = countLetters(normalised);
  return { normalised, hidden, letters, isEmpty: normalised === '', isTooShort: letters < minLetters };
}

function visible(lines: string): string {
  return lines
    .replace(LONE_SURROGATES, '\ufffd')
    .replace(CONTROL, ' ')
    .replace(BIDIRECTIONAL, '')
    .replace(ZERO_WIDTH, '')
    .replace(TAGS, '')
    .normalize('NFC')
    .trim();
}

function countLetters(text: string): number {
  let letters = 0;
  for (const { 0: character } of text.matchAll(/[\p{L}\p{N}]/gu)) {
    letters += /\p{Script=Han}/u.test(character) ? 2 : 1;
    if (letters >= MAX_COUNTED_LETTERS) break;
  }
  return letters;
}

function count(text: string, pattern: RegExp): number {
  let found = 0;
  for (const match of text.matchAll(pattern)) found += match[0] === '' ? 0 : 1;
  return found;
}
