import { spawnSync } from 'node:child_process';
import { join, relative } from 'node:path';
import { expect, test } from '@jest/globals';
import { plantedProject } from './plantedProject';

const ESLINT = join(__dirname, '../../node_modules/eslint/bin/eslint.js');

/** A fault, and the lint rule that has to find it. */
const FAULTS: Readonly<Record<string, readonly [rule: string, content: string]>> = {
  'workflows/node.ts': [
    'no-restricted-imports',
    "import { readFileSync } from 'node:fs';\nexport const read = readFileSync;",
  ],
  'workflows/bareNode.ts': ['no-restricted-imports', "import { join } from 'path';\nexport const joined = join;"],
  'workflows/package.ts': ['no-restricted-imports', "import { z } from 'zod';\nexport const rule = z;"],
  'workflows/room.ts': [
    'no-restricted-imports',
    "import { WORD } from '../contracts/task';\nexport const word = WORD;",
  ],
  'workflows/global.ts': ['no-restricted-globals', 'export const home = () => process.env.HOME;'],
  'guards/any.ts': [
    '@typescript-eslint/no-explicit-any',
    'export const guard = (input: any): string => String(input);',
  ],
  'guards/nonNull.ts': ['@typescript-eslint/no-non-null-assertion', 'export const first = (all: string[]) => all[0]!;'],
  'guards/floating.ts': ['@typescript-eslint/no-floating-promises', 'export function go() {\n  Promise.resolve(1);\n}'],
  'guards/switch.ts': [
    '@typescript-eslint/switch-exhaustiveness-check',
    "export function say(way: 'up' | 'down') {\n  switch (way) {\n    case 'up':\n      return 1;\n  }\n  return 0;\n}",
  ],
  'guards/types.ts': [
    '@typescript-eslint/consistent-type-imports',
    "import { Word } from '../contracts/task';\nexport const word: Word = 1;",
  ],
  'guards/long.ts': [
    'max-lines',
    Array.from({ length: 301 }, (_, line) => `export const line${line} = ${line};`).join('\n'),
  ],
  'guards/console.ts': ['no-console', "console.log('text of a person');"],
};

const SOUND = {
  'contracts/task.ts': 'export const WORD = 1;\nexport type Word = number;',
  'contracts/words/task.ts': 'export const WORD = 1;',
  'workflows/aiTask.ts':
    "import { sleep } from '@temporalio/workflow';\nimport { WORD } from '../contracts/words/task';\nexport const aiTask = () => sleep(WORD);",
  'workflows/steps/draft.ts':
    "import { aiTask } from '../aiTask';\nimport { WORD } from '../../contracts/words/task';\nexport const draft = [aiTask, WORD];",
};

test('each planted fault is found by its rule, and sound files pass', () => {
  const faults = Object.entries(FAULTS).map(([file, [, content]]) => [file, content] as const);
  const root = plantedProject({ ...SOUND, ...(Object.fromEntries(faults) as Record<string, string>) });
  const { stdout, status } = spawnSync(process.execPath, [ESLINT, '.', '--format', 'json'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const results = JSON.parse(stdout) as Array<{ filePath: string; messages: Array<{ ruleId: string }> }>;
  const told = Object.fromEntries(
    results
      .filter(({ messages }) => messages.length > 0)
      .map(({ filePath, messages }) => [relative(root, filePath), [...new Set(messages.map(({ ruleId }) => ruleId))]]),
  );
  expect(told).toEqual(Object.fromEntries(Object.entries(FAULTS).map(([file, [rule]]) => [file, [rule]])));
  expect(status).toBe(1);
});
