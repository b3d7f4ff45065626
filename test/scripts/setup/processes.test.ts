import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Processes } from '../../../scripts/setup/Processes.mjs';

const SETUP = join(__dirname, '..', '..', '..', 'scripts', 'setup');
const FOREVER = 'setInterval(() => {}, 1000);';
const started: Processes[] = [];

afterEach(async () => {
  for (const processes of started.splice(0)) await processes.stopAll();
});

function newProcesses(): Processes {
  const processes = new Processes();
  started.push(processes);
  return processes;
}

/** A process that runs the given JavaScript. */
function running(name: string, script: string) {
  return { name, command: process.execPath, args: ['-e', script], cwd: tmpdir(), env: process.env };
}

/** A process that is dead and not yet waited for by its parent does nothing any more. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (!existsSync('/proc/self/stat')) return true;
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

async function until(isTrue: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!isTrue()) {
    if (Date.now() > deadline) throw new Error(`Waited 20 s in vain: ${what}`);
    await pause(25);
  }
}

/** A command of its own that starts a process, which starts another, and says their numbers. */
async function commandWithProcesses(leftover: string): Promise<{ command: number; pids: number[] }> {
  const file = join(mkdtempSync(join(tmpdir(), 'countersign-command-')), 'command.mjs');
  const child = `const c = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(FOREVER)}]); console.log(process.pid + ' ' + c.pid); ${FOREVER}`;
  writeFileSync(
    file,
    `import { Processes } from ${JSON.stringify(join(SETUP, 'Processes.mjs'))};
     const processes = new Processes();
     await processes.removeAtEnd(${JSON.stringify(leftover)});
     await processes.start({ name: 'child', command: process.execPath, args: ['-e', ${JSON.stringify(child)}], cwd: '/', env: process.env, onLine: (line) => console.log(line) });
     ${FOREVER}`,
  );
  const command = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await new Promise<string>((resolve) => command.stdout.once('data', (text) => resolve(String(text))));
  if (command.pid === undefined) throw new Error('The command did not start.');
  return { command: command.pid, pids: line.trim().split(' ').map(Number) };
}

describe('the processes of a command', () => {
  test.each<NodeJS.Signals>(['SIGKILL', 'SIGTERM'])(
    'a command ended by %s leaves no process and no file',
    async (signal) => {
      const leftover = join(mkdtempSync(join(tmpdir(), 'countersign-leftover-')), 'dev.json');
      writeFileSync(leftover, '{}');
      const { command, pids } = await commandWithProcesses(leftover);
      expect(pids.filter(isAlive)).toHaveLength(2);
      process.kill(command, signal);
      await until(() => !pids.some(isAlive), 'the processes to be stopped');
      await until(() => !existsSync(leftover), 'the file to be removed');
    },
  );

  test('stopping everything waits until nothing is left, and kills what does not listen', async () => {
    const processes = newProcesses();
    let isDeaf = false;
    const deaf = await processes.start({
      ...running('deaf', `process.on('SIGTERM', () => {}); console.log('deaf'); ${FOREVER}`),
      onLine: () => {
        isDeaf = true;
        return undefined;
      },
      graceMs: 100,
    });
    await until(() => isDeaf, 'the process to ignore SIGTERM');
    await processes.stopAll();
    expect(isAlive(deaf.pid)).toBe(false);
    expect(await deaf.ended).toBe('deaf ended by SIGKILL.');
  });

  test('a process that ends by itself is told, with its last lines', async () => {
    const processes = newProcesses();
    await processes.start(running('the worker', `console.error('no database'); process.exitCode = 3;`));
    const reason = await processes.unexpectedEnd;
    expect(reason).toMatch(/the worker ended with exit code 3\.[^]*no database/);
  });

  test('a program that is not there is one clear error', async () => {
    const start = newProcesses().start({ ...running('Temporal', ''), command: '/nowhere/temporal' });
    await expect(start).rejects.toThrow(/Temporal can not be started \(\/nowhere\/temporal\)/);
  });

  test('all that a process writes is in its log, except a line that was taken', async () => {
    const processes = newProcesses();
    const logFile = join(mkdtempSync(join(tmpdir(), 'countersign-log-')), 'app.log');
    const script = `console.log('first'); console.log('key 1234'); console.error('last');`;
    const { ended } = await processes.start({
      ...running('app', script),
      logFile,
      onLine: (line) => (line.startsWith('key') ? 'taken' : undefined),
    });
    await ended;
    await until(
      () => existsSync(logFile) && readFileSync(logFile, 'utf8').split('\n').length === 3,
      'two lines in the log',
    );
    expect(readFileSync(logFile, 'utf8').trim().split('\n').sort()).toEqual(['first', 'last']);
  });
});
