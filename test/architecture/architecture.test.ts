import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { violationsIn } from './importRules';

const ROOT = join(__dirname, '..', '..');
const ROOMS = 'contracts|tasks|workflows|activities|guards|models|autonomy|store|platform|api|worker|cli|fakes'.split(
  '|',
);
const EMPTY_NAMES = /^(utils?|helpers?|common|misc|managers?|services?|index)\b/i;

/** The files of the working tree that belong to the project, whether they are committed yet or not. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate'], {
  cwd: ROOT,
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
})
  .split('\n')
  .filter((file) => /\.(ts|mjs|cjs)$/.test(file) && !isDeleted(file));

function isDeleted(file: string): boolean {
  try {
    return textOf(file).length < 0;
  } catch {
    return true;
  }
}

function textOf(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

describe('the rooms', () => {
  test('import each other one way only', () => {
    expect(violationsIn(ROOT)).toEqual([]);
  });

  test('are those of the architecture: no other folder holds code of the product', () => {
    const rooms = new Set(files.filter((file) => file.includes('/')).map((file) => file.split('/')[0]));
    const known = [...ROOMS, 'bench', 'scripts', 'test'];
    expect([...rooms].filter((room) => room !== undefined && !known.includes(room))).toEqual([]);
  });

  test('hold files that are named after one word of the domain', () => {
    expect(files.filter((file) => EMPTY_NAMES.test(basename(file)))).toEqual([]);
  });

  test('have no file that only passes on what others export', () => {
    const passesOn = /^\s*(export\s+(type\s+)?(\*|\{[^}]*\})\s*(as\s+\w+\s*)?from\s+'[^']+';?\s*)+$/;
    const barrels = files.filter((file) => passesOn.test(textOf(file).replace(/\/\*[^]*?\*\/|\/\/.*/g, '')));
    expect(barrels).toEqual([]);
  });
});

describe('the spine', () => {
  test('is in workflows/aiTask.ts, in under 100 lines', () => {
    expect(textOf('workflows/aiTask.ts').split('\n').length).toBeLessThan(100);
  });

  test('names every step of a task, and takes those before the review in the order of the diagram', () => {
    const spine = textOf('workflows/aiTask.ts').replace(/^import .*$/gm, '');
    const placeOf = (step: string) => spine.search(new RegExp(`\\b${step}\\(`));
    const machine = ['screen', 'classify', 'gather', 'draft', 'judge'].map(placeOf);
    const rest = ['review', 'deliver', 'notify'].map(placeOf);
    expect(Math.min(...machine, ...rest)).toBeGreaterThan(0);
    expect(machine).toEqual([...machine].sort((a, b) => a - b));
  });
});
