import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withProgress } from './progress.mjs';
import { SetupError } from './SetupError.mjs';

/**
 * Installs the packages of package-lock.json when they are not there, or are others.
 * @param {{ root: string, log: import('./progress.mjs').Log }} options
 */
export async function ensureDependencies({ root, log }) {
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const stampFile = join(root, 'node_modules', '.countersign-lock');
  const stamp = createHash('sha256').update(lock).digest('hex');
  if (read(stampFile) === stamp) return;
  if (!isInstalled(root, lock)) {
    const waiting = 'installing packages (about a minute, once)';
    await withProgress({ log, name: 'packages installed', waiting }, async () => install(root));
  }
  writeFileSync(stampFile, stamp);
}

/**
 * Whether npm's own record of what it put into node_modules agrees with the lock file, so that an `npm install` by
 * hand is not undone. Packages for other platforms are in the lock file only.
 * @param {string} root
 * @param {string} lock
 */
function isInstalled(root, lock) {
  const record = read(join(root, 'node_modules', '.package-lock.json'));
  if (record === undefined) return false;
  const installed = JSON.parse(record).packages;
  const wanted = Object.entries(JSON.parse(lock).packages).filter(([path]) => path !== '');
  return wanted.every(([path, entry]) => {
    const there = installed[path];
    return there === undefined ? entry.optional === true || entry.peer === true : there.version === entry.version;
  });
}

/** @param {string} root */
function install(root) {
  // The native runtime of ONNX is 291 MB and optional; its installer is told not to fetch it.
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' };
  const { status, error, stdout, stderr } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--include=dev'], {
    cwd: root,
    env,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status === 0 && existsSync(join(root, 'node_modules'))) return;
  const said = error?.message ?? `${stdout}\n${stderr}`.trim().split('\n').slice(-15).join('\n');
  throw new SetupError(`The packages could not be installed. \`npm ci\` said:\n${said}\n`, [
    'check that the package registry can be reached (npm ping), behind a proxy: npm config set proxy …',
    'run `npm ci` by hand in this folder, then run the command again',
  ]);
}

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
