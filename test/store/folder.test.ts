import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { lockFolder } from '../../store/folderLock';
import { openStore } from '../../store/openStore';
import { ensureTenant, listTenants } from '../../store/tenants';
import { AT } from './exampleTask';

let folder = '';
const children: ChildProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-store-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

/** Another process that opens the store, adds tenants, and says each one that is committed. */
async function otherProcess(): Promise<{ readonly child: ChildProcess; readonly committed: string[] }> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'ownerProcess.ts'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const committed: string[] = [];
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the other process ended before it had committed twenty')));
    child.stdout?.on('data', (bytes: Buffer) => {
      committed.push(...bytes.toString().trim().split('\n'));
      if (committed.length >= 20) resolve();
    });
  });
  return { child, committed };
}

test('a store in a folder has one owner; one that was killed is followed, and all it committed is there', async () => {
  const { child, committed } = await otherProcess();
  await expect(openStore({ directory: folder })).rejects.toThrow(`in use by process ${child.pid}`);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const store = await openStore({ directory: folder });
  const tenants = await store.asSystem((tx) => listTenants(tx));
  expect(tenants.map(({ id }) => id)).toEqual(expect.arrayContaining(committed));
  await store.close();

  const again = await openStore({ directory: folder });
  await again.asSystem((tx) => ensureTenant(tx, { id: 'last', name: 'Last', createdAt: AT }));
  expect(await again.asSystem((tx) => listTenants(tx))).toHaveLength(tenants.length + 1);
  await again.close();
});

describe('the lock', () => {
  const owner = (changes: object): string =>
    JSON.stringify({ pid: process.pid, host: hostname(), startTicks: null, since: AT, ...changes });

  test('is held by one of many that try at once', async () => {
    const tries = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('is taken over by one of many that find a dead owner', async () => {
    await writeFile(join(folder, 'owner.3'), owner({ pid: 2 ** 22 + 1 }));
    const tries = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await readdir(folder)).filter((name) => name.startsWith('owner.'))).toEqual(['owner.4']);
  });

  test('of a process whose id another process has now is taken over', async () => {
    await writeFile(join(folder, 'owner.1'), owner({ startTicks: '1' }));
    await (await lockFolder(folder)).release();
  });

  test('of another host is respected while its heart beats', async () => {
    await writeFile(join(folder, 'owner.1'), owner({ host: 'elsewhere', pid: 7 }));
    await expect(lockFolder(folder)).rejects.toThrow('in use by process 7 on elsewhere');
  });

  test('is free after its release, and leaves no file', async () => {
    for (let i = 0; i < 3; i += 1) await (await lockFolder(folder)).release();
    expect(await readdir(folder)).toEqual([]);
  });

  test('that can not be read is an error that names the file', async () => {
    await writeFile(join(folder, 'owner.1'), '{');
    await expect(lockFolder(folder)).rejects.toThrow(join(folder, 'owner.1'));
  });
});
