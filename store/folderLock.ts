import { randomBytes } from 'node:crypto';
import { link, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** Who holds a folder. `startTicks` tells a process from a later one that got its id; null where the system doesn't say. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly startTicks: string | null;
  readonly since: string;
}

export interface FolderLock {
  release(): Promise<void>;
}

const LOCK_FILE = /^owner\.(\d+)$/;
const HEARTBEAT_SECONDS = 5;
/** A holder on another host (or in another container) can only be judged by its heartbeat. */
const SILENT_SECONDS = 30;

export class FolderLockedError extends Error {
  override readonly name = 'FolderLockedError';
  constructor(folder: string, holder: Holder) {
    super(
      `the store in ${folder} is in use by process ${holder.pid} on ${holder.host} since ${holder.since}. The embedded store has one ` +
        'owner, since two would lose rows: stop that process, give this one another folder, or use PostgreSQL by DATABASE_URL.',
    );
  }
}

/**
 * Makes this process the only owner of a folder, or throws a FolderLockedError that names the owner. What a killed process left
 * is taken over. Lock files are numbered and the highest counts: a take-over links the next number, which only one can, so that
 * two processes that find the same dead owner never both succeed.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  await mkdir(folder, { recursive: true });
  const own = join(folder, `.owner.${process.pid}.${randomBytes(4).toString('hex')}`);
  await writeFile(own, JSON.stringify(await thisProcess()), { mode: 0o600 });
  try {
    return await takeNext(folder, own);
  } finally {
    await rm(own, { force: true });
  }
}

async function takeNext(folder: string, own: string): Promise<FolderLock> {
  // Each round lost means that another process moved; with one that holds, the loop ends by the error.
  for (;;) {
    const highest = Math.max(0, ...(await lockNumbers(folder)));
    const holder = highest === 0 ? null : await readHolder(join(folder, `owner.${highest}`));
    if (holder !== null && (await isAlive(holder, join(folder, `owner.${highest}`))))
      throw new FolderLockedError(folder, holder);
    const mine = join(folder, `owner.${highest + 1}`);
    if (!(await linkIfFree(own, mine))) continue;
    const numbers = await lockNumbers(folder);
    if (Math.max(...numbers) === highest + 1) return hold(folder, mine, numbers);
    await rm(mine, { force: true });
  }
}

async function hold(folder: string, mine: string, numbers: readonly number[]): Promise<FolderLock> {
  const older = numbers.map((number) => join(folder, `owner.${number}`)).filter((path) => path !== mine);
  await Promise.all(older.map((path) => rm(path, { force: true })));
  const heartbeat = setInterval(() => {
    const now = new Date();
    // A folder that is gone has no other owner to be warned.
    void utimes(mine, now, now).catch(() => undefined);
  }, HEARTBEAT_SECONDS * 1_000).unref();
  return {
    async release() {
      clearInterval(heartbeat);
      await rm(mine, { force: true });
    },
  };
}

async function lockNumbers(folder: string): Promise<readonly number[]> {
  const names = await readdir(folder);
  return names.flatMap((name) => LOCK_FILE.exec(name)?.[1] ?? []).map(Number);
}

async function linkIfFree(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function readHolder(path: string): Promise<Holder | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Holder;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw new Error(`the lock ${path} can't be read. Where no process uses the store, delete it.`, { cause: error });
  }
}

async function isAlive(holder: Holder, path: string): Promise<boolean> {
  if (holder.host !== hostname()) return (await secondsSinceHeartbeat(path)) < SILENT_SECONDS;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // EPERM: it lives, and belongs to another user.
    if (!hasCode(error, 'EPERM')) return false;
  }
  return holder.startTicks === null || holder.startTicks === (await startTicksOf(holder.pid));
}

async function secondsSinceHeartbeat(path: string): Promise<number> {
  try {
    return (Date.now() - (await stat(path)).mtimeMs) / 1_000;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return Number.POSITIVE_INFINITY;
    throw error;
  }
}

async function thisProcess(): Promise<Holder> {
  return {
    pid: process.pid,
    host: hostname(),
    startTicks: await startTicksOf(process.pid),
    since: new Date().toISOString(),
  };
}

/** Field 22 of /proc/<pid>/stat (proc(5)), counted from behind the command, which may hold spaces. */
async function startTicksOf(pid: number): Promise<string | null> {
  try {
    const line = await readFile(`/proc/${pid}/stat`, 'utf8');
    return line.slice(line.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

/** By shape: in a test runner's realm, errors of Node's own modules are no instances of its Error. */
function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
