import { canonicalJson } from '../contracts/digest';
import { ProblemError } from './problems';

/** How JSON writes half of a surrogate pair; a backslash of the text itself is doubled. */
const LONE_SURROGATE = /(?<!\\)(?:\\\\)*\\ud[89a-f][0-9a-f]{2}/;

/**
 * A body in canonical JSON, by which it is told whether the same was sent under a key before. Throws `input_invalid` where it has
 * none: numbers beyond a double and halves of characters have a JSON text, and no canonical one (RFC 8785, 3.2.2).
 */
export function canonicalBody(json: unknown): string {
  try {
    const text = canonicalJson(json);
    if (!LONE_SURROGATE.test(text)) return text;
  } catch {
    // Said below, as for halves of characters.
  }
  const message = 'holds a number beyond the range of a double, or half of a surrogate pair';
  throw new ProblemError('input_invalid', { errors: [{ path: '', message }] });
}
