import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { plantedProject } from './plantedProject';

const ROOT = join(__dirname, '..', '..');
const WORDS = 'contracts/words';

/** The real words, so that what is shown is that they are closed. */
const words = Object.fromEntries(
  readdirSync(join(ROOT, WORDS)).map((file) => [`${WORDS}/${file}`, readFileSync(join(ROOT, WORDS, file), 'utf8')]),
);

const HANDLES_ALL_ACTIONS = `
import { assertNever } from '../contracts/words/assertNever';
import type { Action } from '../contracts/words/vocabulary';
export function sentence(action: Action): string {
  switch (action) {
    case 'approve':
      return 'approved';
    case 'correct':
      return 'corrected';
    case 'decline':
      return 'declined';
    case 'revise':
      return 'sent back';
    default:
      return assertNever(action);
  }
}`;

/** A fault of types, and the number of the error that the compiler has to give. */
const FAULTS: Readonly<Record<string, readonly [error: string, content: string]>> = {
  'guards/forgottenCase.ts': ['TS2345', HANDLES_ALL_ACTIONS.replace(/ {4}case 'revise':\n.*\n/, '')],
  'guards/strangeWord.ts': [
    'TS2322',
    "import type { Outcome } from '../contracts/words/vocabulary';\nexport const outcome: Outcome = 'ignored';",
  ],
  'guards/maybeMissing.ts': ['TS2322', 'export const first = (all: readonly string[]): string => all[0];'],
  'guards/absentIsNotUndefined.ts': [
    'TS2375',
    'interface Note {\n  text?: string;\n}\nexport const note: Note = { text: undefined };',
  ],
};

test('each planted fault of types is found, and sound code passes', () => {
  const faults = Object.entries(FAULTS).map(([file, [, content]]) => [file, content] as const);
  const root = plantedProject({
    ...words,
    'guards/sound.ts': HANDLES_ALL_ACTIONS,
    ...(Object.fromEntries(faults) as Record<string, string>),
  });
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const { stdout, status } = spawnSync(process.execPath, [tsc, '--noEmit', '--pretty', 'false'], {
    cwd: root,
    encoding: 'utf8',
  });
  const told = [...stdout.matchAll(/^(\S+?)\(\d+,\d+\): error (TS\d+)/gm)].map(([, file, error]) => `${file} ${error}`);
  expect(told.sort()).toEqual(
    Object.entries(FAULTS)
      .map(([file, [error]]) => `${file} ${error}`)
      .sort(),
  );
  expect(status).not.toBe(0);
});
