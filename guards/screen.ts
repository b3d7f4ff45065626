import type { CheckResult, Evidence } from '../contracts/words/task';
import { findInjection } from './injection';
import { detectLanguage } from './language';
import { findPersonalData, PERSONAL_DATA_KINDS } from './personalData';
import type { PhoneRegion } from './phoneNumber';
import { DEFAULT_MIN_LETTERS, readText } from './readable';
import type { Readable } from './readable';

export interface ScreenOptions {
  readonly text: string;
  /** Languages that the task type handles, ISO 639-1. */
  readonly languages: readonly string[];
  /** Default: none; see `findPhoneNumbers`. */
  readonly phoneRegions?: readonly PhoneRegion[];
  /** Fewer letters and digits than this can't be acted on. Default 4. */
  readonly minLetters?: number;
}

export interface Screened {
  /** ISO 639-1; null where it can't be told. */
  readonly language: string | null;
  /** The text that the further steps work on. */
  readonly normalised: string;
  /** In this order: readable, hidden_characters, language, injection, personal_data, screened_whole. Their evidence never holds the text. */
  readonly checks: readonly CheckResult[];
}

/** More than this is not looked at, so that no input takes seconds; what is longer goes to a person. */
const MAX_SCREENED_CHARACTERS = 200_000;

/** Looks at a text before anything is done with it. Never throws for what the text says. */
export function screenText({
  text,
  languages,
  phoneRegions = [],
  minLetters = DEFAULT_MIN_LETTERS,
}: ScreenOptions): Screened {
  const readable = readText(text.slice(0, MAX_SCREENED_CHARACTERS), minLetters);
  const { normalised } = readable;
  const language = detectLanguage(normalised, languages);
  const isReadable = !readable.isEmpty && !readable.isTooShort;
  const checks = [
    readableCheck(readable),
    hiddenCharactersCheck(readable),
    languageCheck(language, { languages, isReadable }),
    injectionCheck(normalised),
    personalDataCheck(normalised, phoneRegions),
    screenedWholeCheck(text.length),
  ];
  return { language, normalised, checks };
}

function readableCheck({ isEmpty, isTooShort, letters, hidden, normalised }: Readable): CheckResult {
  const evidence = {
    isEmpty,
    letters,
    length: normalised.length,
    loneSurrogates: hidden.loneSurrogates,
    control: hidden.control,
  };
  return failing('readable', isEmpty || isTooShort, { reason: 'unclear_input', evidence });
}

/** Nobody types these: they show a person something else than a model reads. */
function hiddenCharactersCheck({ hidden }: Readable): CheckResult {
  const { bidirectional, zeroWidth, tags } = hidden;
  const evidence = { bidirectional, zeroWidth, tags };
  // A single mark of no width comes with text pasted from the web.
  return failing('hidden_characters', bidirectional + tags > 0 || zeroWidth > 3, {
    reason: 'suspected_injection',
    evidence,
  });
}

function languageCheck(
  language: string | null,
  { languages, isReadable }: { languages: readonly string[]; isReadable: boolean },
): CheckResult {
  const isHandled = language !== null && languages.includes(language);
  // What can't be read has no language, and is in the hands of a person for that reason already.
  return failing('language', !isHandled, {
    reason: isReadable ? 'unsupported_language' : null,
    evidence: { language, handled: [...languages] },
  });
}

function injectionCheck(text: string): CheckResult {
  const matches = findInjection(text);
  const evidence = {
    rules: matches.map(({ rule }) => rule),
    starts: matches.map(({ start }) => start),
    ends: matches.map(({ end }) => end),
  };
  return failing('injection', matches.length > 0, { reason: 'suspected_injection', evidence });
}

/** Personal data in an input is no fault: it is replaced by tokens before a prompt is made. This says what there is. */
function personalDataCheck(text: string, phoneRegions: readonly PhoneRegion[]): CheckResult {
  const found = findPersonalData(text, { phoneRegions });
  const counts = PERSONAL_DATA_KINDS.map((kind) => [kind, found.filter((span) => span.kind === kind).length] as const);
  return {
    name: 'personal_data',
    passed: true,
    reason: null,
    evidence: Object.fromEntries(counts.filter(([, count]) => count > 0)),
  };
}

function screenedWholeCheck(characters: number): CheckResult {
  const evidence = { characters, screenedCharacters: Math.min(characters, MAX_SCREENED_CHARACTERS) };
  return failing('screened_whole', characters > MAX_SCREENED_CHARACTERS, {
    reason: 'policy_requires_review',
    evidence,
  });
}

function failing(
  name: string,
  isFailed: boolean,
  { reason, evidence }: { reason: CheckResult['reason']; evidence: Evidence },
): CheckResult {
  return { name, passed: !isFailed, reason: isFailed ? reason : null, evidence };
}
