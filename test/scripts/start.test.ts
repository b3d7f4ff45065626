import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { DevFile } from '../../scripts/setup/installation.mjs';
import { ensureTemporal } from '../../scripts/setup/ensureTemporal.mjs';
import { fakeInstallation } from './fakeInstallation';

interface Command {
  readonly root: string;
  readonly process: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<number | null>;
}

const commands: Command[] = [];

/** Runs one of the scripts in a folder, without the settings of the surrounding test run. */
function run(script: string, { root, env = {} }: { root: string; env?: NodeJS.ProcessEnv }): Command {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(TEMPORAL_|DATABASE_URL|COUNTERSIGN_|PORT$)/.test(name),
  );
  const [file = '', ...args] = script.split(' ');
  const child = spawn(process.execPath, [join('scripts', file), ...args], {
    cwd: root,
    env: { ...Object.fromEntries(inherited), PORT: '18088', ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const command = { root, process: child, output: () => output, ended };
  commands.push(command);
  return command;
}

async function until(command: Command, isTrue: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 45_000;
  while (!isTrue()) {
    if (command.process.exitCode !== null || Date.now() > deadline) throw new Error(`No ${what}:\n${command.output()}`);
    await pause(50);
  }
}

async function ready(command: Command): Promise<DevFile> {
  await until(command, () => command.output().includes('Ctrl-C stops everything'), 'readiness');
  return devFileOf(command.root);
}

function devFileOf(root: string): DevFile {
  return JSON.parse(readFileSync(join(root, '.countersign', 'dev.json'), 'utf8')) as DevFile;
}

/** Ends like a Ctrl-C; gives the exit code. */
async function stop(command: Command): Promise<number | null> {
  command.process.kill('SIGINT');
  return command.ended;
}

function areGone(devFile: DevFile): boolean {
  return Object.values(devFile.pids).every((pid) => {
    try {
      process.kill(pid, 0);
      return false;
    } catch {
      return true;
    }
  });
}

afterEach(async () => {
  for (const command of commands.splice(0)) {
    if (command.process.exitCode === null) await stop(command);
  }
});

describe('npm start', () => {
  test('starts everything, says where it is, and Ctrl-C leaves nothing running', async () => {
    const command = run('start.mjs', { root: fakeInstallation() });
    const devFile = await ready(command);
    expect(devFile).toMatchObject({
      adminApiKey: 'cs_secret',
      callerApiKey: 'cs_caller',
      signInUrl: `${devFile.baseUrl}/sign-in`,
    });
    expect(Object.keys(devFile.pids).sort()).toEqual(['app', 'fakes', 'temporal']);
    expect(await (await fetch(devFile.baseUrl)).text()).toBe('ok');
    expect((await fetch(devFile.temporalUiUrl ?? '')).status).toBe(200);
    expect(statSync(join(command.root, '.countersign', 'dev.json')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(command.root, '.countersign', 'start.log'), 'utf8')).toBe('an ordinary line\n');
    expect(await stop(command)).toBe(0);
    expect(areGone(devFile)).toBe(true);
    expect(existsSync(join(command.root, '.countersign', 'dev.json'))).toBe(false);
  });

  test('adds the search attributes that a database file of an earlier version lacks', async () => {
    const root = fakeInstallation();
    const attributes = join(root, 'scripts', 'setup', 'searchAttributes.mjs');
    const complete = readFileSync(attributes, 'utf8');
    writeFileSync(attributes, "export const SEARCH_ATTRIBUTES = ['CountersignType'];\n");
    const first = run('start.mjs', { root });
    await ready(first);
    await stop(first);
    writeFileSync(attributes, complete);
    const second = await ready(run('start.mjs', { root }));
    expect(await attributesOf(second.temporalAddress)).toEqual(
      expect.arrayContaining(['CountersignTenant', 'CountersignType']),
    );
  });

  test('a second one in the same folder is told that one is running, and does not disturb it', async () => {
    const root = fakeInstallation();
    const first = run('start.mjs', { root });
    const devFile = await ready(first);
    const second = run('start.mjs', { root });
    expect(await second.ended).toBe(1);
    expect(second.output()).toMatch(/is running already .*process \d+/);
    expect(devFileOf(root)).toEqual(devFile);
    expect(await (await fetch(devFile.baseUrl)).text()).toBe('ok');
  });
});

describe('npm start beside a Temporal that runs already', () => {
  /** Accepts connections; nothing more is asked of it here. */
  let temporal: Server;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    temporal = createServer();
    await new Promise<void>((resolve) => temporal.listen(0, '127.0.0.1', resolve));
    env = { TEMPORAL_ADDRESS: `127.0.0.1:${(temporal.address() as AddressInfo).port}` };
  });

  afterAll(() => {
    temporal.close();
  });

  test('uses it and starts none', async () => {
    const devFile = await ready(run('start.mjs', { root: fakeInstallation(), env }));
    expect(devFile).toMatchObject({ temporalAddress: env.TEMPORAL_ADDRESS, temporalUiUrl: null });
    expect(Object.keys(devFile.pids).sort()).toEqual(['app', 'fakes']);
  });

  test('that does not answer, it stops with the cures', async () => {
    const command = run('start.mjs', { root: fakeInstallation(), env: { TEMPORAL_ADDRESS: '127.0.0.1:1' } });
    expect(await command.ended).toBe(1);
    expect(command.output()).toMatch(/TEMPORAL_ADDRESS[^]*can not be reached[^]*unset it/);
  });

  test('with PostgreSQL makes the tables first, then runs API and worker apart', async () => {
    const root = fakeInstallation();
    const command = run('start.mjs', { root, env: { ...env, DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' } });
    const devFile = await ready(command);
    expect(Object.keys(devFile.pids).sort()).toEqual(['api', 'fakes', 'worker']);
    const calls = readFileSync(join(root, 'calls.txt'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[0]);
    expect(calls[0]).toBe('migrate');
    expect(calls.slice(1).sort()).toEqual(['api', 'worker']);
  });

  test('when the product can not start, shows its last lines and leaves nothing running', async () => {
    const root = fakeInstallation();
    const command = run('start.mjs', { root, env: { ...env, FAIL_AT: 'start' } });
    expect(await command.ended).toBe(1);
    expect(command.output()).toMatch(/ended with exit code 1[^]*the store is damaged[^]*start\.log/);
    expect(existsSync(join(root, '.countersign', 'run.lock'))).toBe(false);
  });

  test('when a process is killed later, stops the rest and fails', async () => {
    const command = run('start.mjs', { root: fakeInstallation(), env });
    const devFile = await ready(command);
    process.kill(devFile.pids.fakes ?? 0, 'SIGKILL');
    expect(await command.ended).toBe(1);
    expect(command.output()).toMatch(/fakes ended by SIGKILL/);
    expect(areGone(devFile)).toBe(true);
  });

  test('a configuration that is wrong is told before anything is started', async () => {
    const root = fakeInstallation();
    const command = run('start.mjs', { root, env: { ...env, LOG_LEVEL: 'loud' } });
    expect(await command.ended).toBe(1);
    expect(command.output()).toMatch(/log\.level \(from environment LOG_LEVEL\)/);
    expect(existsSync(join(root, 'calls.txt'))).toBe(false);
  });

  test('with real outside systems configured, no fake one is started', async () => {
    const root = fakeInstallation();
    const real = {
      COUNTERSIGN_BANK_URL: 'https://bank.example',
      COUNTERSIGN_CRM_URL: 'https://crm.example',
      COUNTERSIGN_ORDERS_URL: 'https://orders.example',
      COUNTERSIGN_PAYMENTS_URL: 'https://payments.example',
    };
    const devFile = await ready(run('start.mjs', { root, env: { ...env, ...real } }));
    expect(Object.keys(devFile.pids)).toEqual(['app']);
    expect(readFileSync(join(root, 'calls.txt'), 'utf8')).toMatch('https://bank.example');
  });

  test('npm run demo goes on without the model, runs the sample tasks, and with --once stops', async () => {
    const command = run('demo.mjs --once', { root: fakeInstallation(), env });
    expect(await command.ended).toBe(0);
    expect(command.output()).toMatch(
      /linear alone.*no index[^]*tasks for http:\/\/127\.0\.0\.1:\d+ with cs_caller and cs_secret/,
    );
    expect(command.output()).toMatch(/nothing is left running/);
  });
});

async function attributesOf(address: string): Promise<string[]> {
  const { TEMPORAL_ADDRESS: _used, ...env } = process.env;
  const temporal = await ensureTemporal({ root: join(__dirname, '..', '..'), env, log: () => {} });
  if (temporal.kind !== 'cli') throw new Error('There is no temporal program.');
  const args = ['operator', 'search-attribute', 'list', '--address', address, '--output', 'json'];
  const answer = JSON.parse(execFileSync(temporal.path, args, { encoding: 'utf8' })) as { customAttributes: object };
  return Object.keys(answer.customAttributes);
}
