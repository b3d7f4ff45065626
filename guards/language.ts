import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { eld as Detector } from 'eld/small';

/**
 * The package names only an `import` entry, which `require` can't resolve, and a detector that had to be awaited would make every
 * guard asynchronous. Node loads the ES module itself from `require`, so it is named by its file.
 */
const DETECTOR_FILE = join(__dirname, '..', 'node_modules', 'eld', 'src', 'entries', 'static.small.js');
const { eld } = createRequire(DETECTOR_FILE)(DETECTOR_FILE) as { eld: typeof Detector };

/** Letters below which a guess is worth nothing: "Thx", "ok", an emoji. */
const MIN_LETTERS = 4;
/** As much as is looked at, in UTF-16 units. */
const MAX_LENGTH = 1_000;

/**
 * The ISO 639-1 code of the language that the text is written in; null where that can't be told. A weak guess counts where it is
 * one of the languages that are expected anyway.
 */
export function detectLanguage(text: string, expected: readonly string[] = []): string | null {
  const sample = text.slice(0, MAX_LENGTH);
  if ((sample.match(/\p{L}/gu) ?? []).length < MIN_LETTERS) return null;
  const guess = eld.detect(sample);
  if (guess.language === '') return null;
  return guess.isReliable() || expected.includes(guess.language) ? guess.language : null;
}
