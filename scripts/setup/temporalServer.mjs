import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { SEARCH_ATTRIBUTES } from './searchAttributes.mjs';
import { SetupError } from './SetupError.mjs';

const run = promisify(execFile);
const READY_TIMEOUT_MS = 30_000;
const PROBE_EVERY_MS = 50;
const PROBE_TIMEOUT_MS = 5_000;

/**
 * @typedef {object} ServerOptions
 * @property {import('./Processes.mjs').Processes} processes
 * @property {string} cli the temporal program
 * @property {string} cwd
 * @property {number} port
 * @property {number} [uiPort] without it there is no web interface
 * @property {string} [namespace] default "default"
 * @property {string} [dbFile] without it everything is forgotten at the end
 * @property {string} [logFile]
 */

/**
 * Starts Temporal's development server and waits until it answers and knows the search attributes.
 * @param {ServerOptions} options
 * @returns {Promise<{ address: string, pid: number }>}
 */
export async function startTemporalServer(options) {
  const { processes, cli, cwd, port, namespace = 'default', logFile } = options;
  const address = `127.0.0.1:${port}`;
  const server = await processes.start({
    name: 'Temporal',
    command: cli,
    args: serverArgs(options, namespace),
    cwd,
    env: plainEnvironment(),
    ...(logFile === undefined ? {} : { logFile }),
  });
  await answering({ cli, address, namespace, server });
  // `--search-attribute` is ignored for a namespace that is in the database file already, so what is missing is added.
  await addSearchAttributes({ cli, address, namespace });
  return { address, pid: server.pid };
}

/**
 * @param {ServerOptions} options
 * @param {string} namespace
 */
function serverArgs({ port, uiPort, dbFile }, namespace) {
  const args = ['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--namespace', namespace];
  args.push('--log-level', 'warn', ...SEARCH_ATTRIBUTES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]));
  args.push(...(uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort), '--ui-disable-news-fetch']));
  if (dbFile !== undefined) args.push('--db-filename', dbFile);
  return args;
}

/** @param {{ cli: string, address: string, namespace: string, server: import('./Processes.mjs').Running }} probe */
async function answering({ cli, address, namespace, server }) {
  let hasEnded = false;
  void server.ended.then(() => (hasEnded = true));
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (!hasEnded && Date.now() < deadline) {
    if (await isAnswering({ cli, address, namespace })) return;
    await pause(PROBE_EVERY_MS);
  }
  const said = server.lastLines.map((line) => `  ${line}`).join('\n');
  throw new SetupError(
    hasEnded
      ? `Temporal ended while it was starting. It said:\n${said}\n`
      : `Temporal did not answer on ${address} within ${READY_TIMEOUT_MS / 1000} s. It said:\n${said}\n`,
    [
      'if its database file is from another version or is damaged, move .countersign/temporal.db away; open tasks go with it',
    ],
  );
}

/** @param {{ cli: string, address: string, namespace: string }} where */
async function isAnswering({ cli, address, namespace }) {
  try {
    await ask(cli, ['operator', 'namespace', 'describe', '--address', address, '--namespace', namespace]);
    return true;
  } catch {
    return false;
  }
}

/** @param {{ cli: string, address: string, namespace: string }} where */
async function addSearchAttributes({ cli, address, namespace }) {
  const where = ['--address', address, '--namespace', namespace];
  const { stdout } = await ask(cli, ['operator', 'search-attribute', 'list', ...where, '--output', 'json']);
  const missing = SEARCH_ATTRIBUTES.filter((name) => !(name in JSON.parse(stdout).customAttributes));
  if (missing.length === 0) return;
  // Each name takes a type of its own; with one type for all, the first name alone is added, without a word.
  const named = missing.flatMap((name) => ['--name', name, '--type', 'Keyword']);
  await ask(cli, ['operator', 'search-attribute', 'create', ...where, ...named]);
}

/**
 * @param {string} cli
 * @param {readonly string[]} args
 */
function ask(cli, args) {
  return run(cli, args, { env: plainEnvironment(), timeout: PROBE_TIMEOUT_MS, maxBuffer: 4 * 1024 * 1024 });
}

/** Without TEMPORAL_* variables: keys, certificates and profiles for another server would be used on ours. */
function plainEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_')));
}
