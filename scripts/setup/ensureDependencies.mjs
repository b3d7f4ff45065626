import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withProgress } from './progress.mjs';
import { SetupError } from './SetupError.mjs';

/** npm's reason comes first, its manual after it. */
const LINES_SHOWN = 12;

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

/**
 * `npm ci`, and where it refuses the lock file `npm install` by the same lock file: npm leaves optional packages of
 * other platforms out of it when it can't see them while writing it (npm/cli issue 4828), and then finds them missing.
 * @param {string} root
 */
function install(root) {
  const exact = npm(root, ['ci']);
  if (exact.isOk) return;
  const refusesLock = exact.said.includes('EUSAGE');
  const { isOk, said } = refusesLock ? npm(root, ['install', '--no-save']) : exact;
  if (isOk) return;
  const shown = said.split('\n').slice(0, LINES_SHOWN).join('\n');
  throw new SetupError(`The packages could not be installed. npm said:\n${shown}\n`, [
    'check that the package registry can be reached (npm ping), behind a proxy: npm config set proxy …',
    'run `npm ci` by hand in this folder, then run the command again',
  ]);
}

/**
 * @param {string} root
 * @param {readonly string[]} args
 */
function npm(root, args) {
  const { status, error, stdout, stderr } = spawnSync('npm', [...args, '--no-audit', '--no-fund', '--include=dev'], {
    cwd: root,
    // The native runtime of ONNX is 291 MB and optional; its installer is told not to fetch it.
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const isOk = status === 0 && existsSync(join(root, 'node_modules'));
  return { isOk, said: error?.message ?? `${stderr}\n${stdout}`.trim() };
}

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
