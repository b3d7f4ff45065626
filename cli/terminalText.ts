import { stripVTControlCharacters } from 'node:util';

/** Controls of the terminal and of the direction of writing, and separators that some terminals break lines at. */
const UNSEEN = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;
/** What JSON leaves unescaped of these. */
const UNESCAPED = /[\u007f-\u009f\p{Bidi_Control}\u2028\u2029]/gu;

/**
 * Text that came from people or over the network, fit for a terminal: without control sequences and control
 * characters, so that it can neither move the cursor nor hide or forge what is on the screen. Line ends and tabs stay.
 */
export function terminalText(text: string): string {
  return stripVTControlCharacters(text).replaceAll(UNSEEN, (character) =>
    character === '\n' || character === '\t' ? character : '',
  );
}

/** The same on one line, for a cell of a table. */
export function oneLine(text: string): string {
  return terminalText(text).replaceAll(/\s+/g, ' ').trim();
}

/** A JSON value with every string and every name in it fit for a terminal. */
export function forTerminal<T>(value: T): T {
  // The shape is kept: only the characters within strings change.
  return cleaned(value) as T;
}

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return terminalText(value);
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [terminalText(name), cleaned(each)]));
}

/** JSON for scripts, the same value as came, with every control character escaped. */
export function safeJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll(
    UNESCAPED,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
