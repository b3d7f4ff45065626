import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from 'jsonc-parser';
import type { ParseError } from 'jsonc-parser';
import { CliError } from '../CliError';

/** A JSON value in a file of its own, that only its owner can read, since it holds what customers are told. */
export function writeEditFile(name: string, value: unknown): string {
  const path = join(mkdtempSync(join(tmpdir(), 'countersign-')), `${name}.json`);
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  return path;
}

export function removeEditFile(path: string): void {
  rmSync(dirname(path), { recursive: true, force: true });
}

/** VISUAL, else EDITOR, else vi: a command of the shell, which gets the path as its last argument. Ends when it ends. */
export async function openEditor(path: string, env: NodeJS.ProcessEnv = process.env): Promise<void> {
  const editor = [env['VISUAL'], env['EDITOR']].find((each) => each !== undefined && each !== '') ?? 'vi';
  const child = spawn('sh', ['-c', `${editor} "$1"`, 'sh', path], { stdio: 'inherit' });
  const ended = await new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(signal ?? String(code)));
  });
  if (ended !== '0') {
    throw new CliError(
      `The editor \`${editor}\` ended with ${ended}, so nothing was decided. VISUAL or EDITOR names another.`,
    );
  }
}

export type Edited =
  { readonly isJson: true; readonly value: unknown } | { readonly isJson: false; readonly fault: string };

/** What a file holds; where it is not JSON, the line and column at which it ceases to be. */
export function readJsonFile(path: string): Edited {
  const text = readText(path);
  try {
    return { isJson: true, value: JSON.parse(text) };
  } catch (error) {
    return { isJson: false, fault: `${path}${placeOf(text)}: not JSON: ${(error as Error).message}` };
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CliError(`${path} can not be read: ${(error as Error).message}`);
  }
}

/** Node says where only for some faults, so a parser that goes on after faults is asked for the first one. */
function placeOf(text: string): string {
  const faults: ParseError[] = [];
  parse(text, faults, { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false });
  const first = faults[0];
  if (first === undefined) return '';
  const before = text.slice(0, first.offset).split('\n');
  return ` line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}
