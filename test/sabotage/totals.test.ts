import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { plantedProject } from './plantedProject';

const ROOT = join(__dirname, '..', '..');

/** `npm test` in a project that has the given suites; they are pure, so that no server is needed. */
function totalsOf(suites: Readonly<Record<string, string>>): { lastLine: string | undefined; status: number | null } {
  const root = plantedProject(suites);
  for (const part of ['scripts', 'jest.config.mjs', 'test/setup']) {
    cpSync(join(ROOT, part), join(root, part), { recursive: true });
  }
  const { stdout, status } = spawnSync(process.execPath, ['scripts/test.mjs', 'test/guards'], {
    cwd: root,
    encoding: 'utf8',
    // Only whether it is there is asked for; nothing is started from it.
    env: { ...process.env, TEMPORAL_ADDRESS: '127.0.0.1:1' },
  });
  return { lastLine: stdout.trim().split('\n').at(-1), status };
}

const PASSING = "import { expect, test } from '@jest/globals';\ntest('passes', () => expect(1).toBe(1));";

test('a failing test and a suite that can not be loaded fail the run, and are counted', () => {
  const totals = totalsOf({
    'test/guards/passing.test.ts': PASSING,
    'test/guards/failing.test.ts': PASSING.replace('toBe(1)', 'toBe(2)'),
    'test/guards/broken.test.ts': "import '../nowhere';",
  });
  expect(totals).toEqual({ lastLine: '1 passed, 2 failed', status: 1 });
});

test('a run in which all pass succeeds', () => {
  expect(totalsOf({ 'test/guards/passing.test.ts': PASSING })).toEqual({ lastLine: '1 passed, 0 failed', status: 0 });
});

test('a run that finds no test fails', () => {
  expect(totalsOf({ 'test/autonomy/passing.test.ts': PASSING })).toEqual({ lastLine: '0 passed, 1 failed', status: 1 });
});
