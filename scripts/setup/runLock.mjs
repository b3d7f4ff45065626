import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from './errorCode.mjs';
import { SetupError } from './SetupError.mjs';

/**
 * Takes the home folder for this command alone: two at once would write one store. A lock whose process is gone is
 * taken over.
 * @param {string} home
 * @returns {string} the lock's path, to be removed at the end
 */
export function takeRunLock(home) {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const path = join(home, 'run.lock');
  if (createdFor(path)) return path;
  const holder = holderOf(path);
  if (holder !== undefined && isRunning(holder)) {
    throw new SetupError(`Countersign is running already in ${home} (process ${holder}).`, [
      `use that one: its addresses are in ${join(home, 'dev.json')}`,
      'stop it with Ctrl-C, then run this command again',
      'run a second one in a folder of its own: COUNTERSIGN_HOME=.countersign-2 npm start',
    ]);
  }
  rmSync(path, { force: true });
  if (createdFor(path)) return path;
  throw new SetupError(`Another command took ${path} at the same moment.`, ['run this command again']);
}

/** @param {string} path */
function createdFor(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** @param {string} path */
function holderOf(path) {
  const pid = Number(readFileSync(path, 'utf8'));
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

/**
 * Whether the process lives and is one of ours: numbers of dead processes are given out again.
 * @param {number} pid
 */
function isRunning(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('scripts');
  } catch {
    return true;
  }
}
