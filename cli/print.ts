import { createColors } from 'picocolors';
import { safeJson } from './terminalText';

/** A person is at this end: what is asked can be answered. */
export function isInteractive(): boolean {
  return process.stdin.isTTY === true && process.stdout.isTTY === true;
}

const isColoured =
  process.stdout.isTTY === true && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb';

/** Each gives its text unchanged where colours are not wanted: no terminal, NO_COLOR set, a dumb terminal. */
export const { bold, dim, red, green, yellow, cyan } = createColors(isColoured);

export function printLine(text = ''): void {
  process.stdout.write(`${text}\n`);
}

export function printError(text: string): void {
  process.stderr.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  printLine(safeJson(value));
}
