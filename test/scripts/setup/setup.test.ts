import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { SEARCH_ATTRIBUTES as NAMES } from '../../../contracts/words/names';
import { ensureDependencies } from '../../../scripts/setup/ensureDependencies.mjs';
import { portChooser } from '../../../scripts/setup/freePort.mjs';
import { takeRunLock } from '../../../scripts/setup/runLock.mjs';
import { SEARCH_ATTRIBUTES } from '../../../scripts/setup/searchAttributes.mjs';

const PATH = process.env.PATH;
const children: ChildProcess[] = [];

afterEach(() => {
  process.env.PATH = PATH;
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function folder(): string {
  return mkdtempSync(join(tmpdir(), 'countersign-setup-'));
}

describe('a port', () => {
  test('that is taken gives way to the next free one, and it is said', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    const { port: taken } = holder.address() as AddressInfo;
    const said: string[] = [];
    const port = await portChooser((line) => said.push(line))('the API', taken);
    holder.close();
    expect(port).toBeGreaterThan(taken);
    expect(said).toEqual([`  port ${taken} is taken, so the API uses ${port}`]);
  });

  test('that was given once is not given again', async () => {
    const choose = portChooser(() => {});
    const first = await choose('one', 0);
    expect(await choose('two', first)).toBe(first);
    expect(await choose('three', first)).not.toBe(first);
  });
});

describe('the lock of the home folder', () => {
  /** A process that lives until the test ends; its command line is `node scripts/…`, or another one. */
  function living(name: string): number {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', name], { stdio: 'ignore' });
    children.push(child);
    if (child.pid === undefined) throw new Error('The process did not start.');
    return child.pid;
  }

  test('refuses a second command while the first one runs, and names it', () => {
    const home = folder();
    const holder = living('scripts/start.mjs');
    writeFileSync(join(home, 'run.lock'), String(holder));
    expect(() => takeRunLock(home)).toThrow(new RegExp(`running already in ${home} \\(process ${holder}\\)`));
  });

  test('is taken over when its number was given to another program', () => {
    const home = folder();
    writeFileSync(join(home, 'run.lock'), String(living('another program')));
    expect(readFileSync(takeRunLock(home), 'utf8')).toBe(String(process.pid));
  });

  test('is taken over from a process that is gone', () => {
    const home = folder();
    writeFileSync(join(home, 'run.lock'), '4194304');
    expect(readFileSync(takeRunLock(home), 'utf8')).toBe(String(process.pid));
  });

  test('is taken over when it names no process', () => {
    const home = folder();
    writeFileSync(join(home, 'run.lock'), '');
    expect(readFileSync(takeRunLock(home), 'utf8')).toBe(String(process.pid));
  });
});

describe('the packages', () => {
  const LOCK = {
    packages: {
      '': {},
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b': { version: '2.0.0', optional: true },
    },
  };

  /** A project whose npm leaves a mark instead of installing. */
  function project(installed: Record<string, { version: string }>) {
    const root = folder();
    const bin = folder();
    mkdirSync(join(root, 'node_modules'));
    writeFileSync(join(root, 'package-lock.json'), JSON.stringify(LOCK));
    writeFileSync(join(root, 'node_modules', '.package-lock.json'), JSON.stringify({ packages: installed }));
    writeFileSync(
      join(bin, 'npm'),
      `#!/bin/sh\necho "$@" $ONNXRUNTIME_NODE_INSTALL > ${join(root, 'ran')}\nif [ "$1" = ci ] && [ -n "$NPM_CI_SAYS" ]; then echo "$NPM_CI_SAYS" >&2; exit 1; fi\nexit \${NPM_EXIT:-0}\n`,
    );
    chmodSync(join(bin, 'npm'), 0o755);
    process.env.PATH = `${bin}:${PATH}`;
    const ran = () => {
      try {
        return readFileSync(join(root, 'ran'), 'utf8');
      } catch {
        return undefined;
      }
    };
    return { root, ran };
  }

  test('that agree with the lock file are left alone, and remembered', async () => {
    const { root, ran } = project({ 'node_modules/a': { version: '1.0.0' } });
    await ensureDependencies({ root, log: () => {} });
    expect(ran()).toBeUndefined();
    const stamp = createHash('sha256').update(JSON.stringify(LOCK)).digest('hex');
    expect(readFileSync(join(root, 'node_modules', '.countersign-lock'), 'utf8')).toBe(stamp);
  });

  test.each([
    ['missing', {}],
    ['of another version', { 'node_modules/a': { version: '1.0.1' } }],
  ])('%s are installed from the lock file, without the native runtime', async (_what, installed) => {
    const { root, ran } = project(installed);
    const said: string[] = [];
    await ensureDependencies({ root, log: (line) => said.push(line) });
    expect(ran()).toMatch(/^ci .* skip$/m);
    expect(said).toEqual([expect.stringMatching(/installing/), expect.stringMatching(/^✓ packages installed/)]);
  });

  test('are installed by the lock file without changing it where npm ci refuses it', async () => {
    const { root, ran } = project({});
    process.env.NPM_CI_SAYS = 'npm error code EUSAGE';
    await ensureDependencies({ root, log: () => {} });
    delete process.env.NPM_CI_SAYS;
    expect(ran()).toMatch(/^install --no-save .* skip$/m);
  });

  test('that can not be installed are one error with the cures, and are tried again next time', async () => {
    const { root, ran } = project({});
    process.env.NPM_EXIT = '1';
    await expect(ensureDependencies({ root, log: () => {} })).rejects.toThrow(/could not be installed[^]*npm ping/);
    delete process.env.NPM_EXIT;
    writeFileSync(join(root, 'ran'), '');
    await ensureDependencies({ root, log: () => {} });
    expect(ran()).toMatch(/^ci/);
  });
});

test('the search attributes that the server is started with are those that workflows set', () => {
  expect(SEARCH_ATTRIBUTES).toEqual(Object.values(NAMES));
});
