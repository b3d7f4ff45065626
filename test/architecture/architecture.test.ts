import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { violationsIn } from './importRules';

const ROOT = join(__dirname, '..', '..');
const ROOMS = 'contracts|tasks|workflows|activities|guards|models|autonomy|store|platform|api|worker|cli|fakes'.split(
  '|',
);
const EMPTY_NAMES = /^(utils?|helpers?|common|misc|managers?|services?|index)\b/i;

/** Folders that hold no code: what is installed, made or written for people. */
const NO_CODE = ['node_modules', 'coverage', 'docs'];

const folders = readdirSync(ROOT, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !NO_CODE.includes(entry.name))
  .map(({ name }) => name);
const files = folders.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|mjs|cjs)$/.test(file) && !file.includes('node_modules'))
    .map((file) => join(folder, file)),
);

function textOf(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

describe('the rooms', () => {
  test('import each other one way only', () => {
    expect(violationsIn(ROOT)).toEqual([]);
  });

  test('are those of the architecture: no other folder holds code of the product', () => {
    expect(folders.filter((folder) => ![...ROOMS, 'bench', 'conformance', 'scripts', 'test'].includes(folder))).toEqual(
      [],
    );
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
