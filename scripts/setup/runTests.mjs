import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureDependencies } from './ensureDependencies.mjs';
import { ensureTemporal } from './ensureTemporal.mjs';
import { findPostgres, startPostgres } from './postgres.mjs';
import { Processes } from './Processes.mjs';
import { printLine, withProgress } from './progress.mjs';
import { SetupError } from './SetupError.mjs';
import { untilStopped } from './untilStopped.mjs';

const STORE_FLAG = '--store=';
const STORES = ['embedded', 'postgres'];

/**
 * @param {{ root: string, args: readonly string[] }} options
 * @returns {Promise<number>} the exit code
 */
export async function runTests({ root, args }) {
  const store = storeOf(args);
  const jestArgs = args.filter((arg) => !arg.startsWith(STORE_FLAG));
  const processes = new Processes();
  const stopped = untilStopped(processes).then(({ reason }) => {
    throw new SetupError(`The tests were stopped: ${reason}`);
  });
  try {
    return await Promise.race([stopped, prepareAndRun({ root, store, jestArgs, processes })]);
  } finally {
    await processes.stopAll();
  }
}

/** @param {readonly string[]} args */
function storeOf(args) {
  const store = args.find((arg) => arg.startsWith(STORE_FLAG))?.slice(STORE_FLAG.length) ?? 'embedded';
  if (STORES.includes(store)) return store;
  throw new SetupError(
    `There is no store "${store}".`,
    STORES.map((name) => `use ${STORE_FLAG}${name}`),
  );
}

/**
 * @param {{ root: string, store: string, jestArgs: readonly string[], processes: Processes }} options
 * @returns {Promise<number>}
 */
async function prepareAndRun({ root, store, jestArgs, processes }) {
  await ensureDependencies({ root, log: printLine });
  await ensureTemporal({ root, env: process.env, log: printLine });
  const programs = store === 'postgres' ? findPostgres() : undefined;
  if (store === 'postgres' && programs === undefined) {
    printLine(
      'SKIPPED: no PostgreSQL on the PATH or in /usr/lib/postgresql, so nothing was tested on it. Install postgresql.',
    );
    return total({ passed: 0, failed: 0 });
  }
  const databaseUrl = programs === undefined ? undefined : await postgres(processes, programs);
  return runJest({ root, args: jestArgs, databaseUrl, processes });
}

/**
 * @param {Processes} processes
 * @param {string} programs
 */
function postgres(processes, programs) {
  return withProgress({ log: printLine, name: 'PostgreSQL started' }, () => startPostgres({ processes, programs }));
}

/**
 * Runs Jest in this folder; a suite that can't even be loaded counts as one failure.
 * @param {{ root: string, args: readonly string[], databaseUrl: string | undefined, processes: Processes }} options
 * @returns {Promise<number>}
 */
async function runJest({ root, args, databaseUrl, processes }) {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-tests-'));
  await processes.removeAtEnd(folder);
  const outputFile = join(folder, 'results.json');
  const jest = ['node_modules/jest/bin/jest.js', '--json', '--outputFile', outputFile, ...args];
  const { DATABASE_URL: _unused, ...inherited } = process.env;
  const env = databaseUrl === undefined ? inherited : { ...inherited, DATABASE_URL: databaseUrl };
  // The channel tells Jest when this process is gone, even if it was killed.
  const stdio = /** @type {const} */ (['inherit', 'inherit', 'inherit', 'ipc']);
  const exitCode = await exitOf(spawn(process.execPath, jest, { cwd: root, env, stdio: [...stdio] }));
  const results = resultsIn(outputFile);
  const passed = results?.numPassedTests ?? 0;
  const failed = (results?.numFailedTests ?? 0) + (results?.numRuntimeErrorTestSuites ?? 0);
  // Whatever Jest did not count (a crash, no test found, open handles) is a failure too.
  return total({ passed, failed: failed === 0 && exitCode !== 0 ? 1 : failed });
}

/** @param {{ passed: number, failed: number }} counts */
function total({ passed, failed }) {
  printLine(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<number>}
 */
function exitOf(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** @param {string} path */
function resultsIn(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
