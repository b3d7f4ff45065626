import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { anyFreePort } from './freePort.mjs';
import { SetupError } from './SetupError.mjs';

const DEBIAN_VERSIONS = '/usr/lib/postgresql';
const READY_TIMEOUT_MS = 30_000;
const PROBE_EVERY_MS = 50;
/** A throw-away server: what a loss of power would lose is of no interest, and tests are twice as fast. */
const FAST_ARGS = ['-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'full_page_writes=off'];

/**
 * The folder of PostgreSQL's server programs, or undefined when there are none: on the PATH, or where Debian puts
 * them, the newest first.
 */
export function findPostgres() {
  const debian = existsSync(DEBIAN_VERSIONS)
    ? readdirSync(DEBIAN_VERSIONS)
        .sort((a, b) => Number(b) - Number(a))
        .map((version) => join(DEBIAN_VERSIONS, version, 'bin'))
    : [];
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...debian];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
}

/**
 * Starts a PostgreSQL of its own on a free port, with its data in a temporary folder that is removed at the end.
 * @param {{ processes: import('./Processes.mjs').Processes, programs: string }} options
 * @returns {Promise<string>} the address of its database `postgres`, as a superuser
 */
export async function startPostgres({ processes, programs }) {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-postgres-'));
  await processes.removeAtEnd(folder);
  const owner = unprivileged();
  if (owner.uid !== undefined) chownSync(folder, owner.uid, owner.gid);
  initialise(programs, folder, owner);
  const port = await anyFreePort();
  const server = await processes.start({
    name: 'PostgreSQL',
    command: join(programs, 'postgres'),
    args: ['-D', folder, '-h', '127.0.0.1', '-p', String(port), '-k', '', '-c', 'max_connections=200', ...FAST_ARGS],
    cwd: folder,
    env: process.env,
    // Ends its sessions at once; SIGTERM would wait until they end by themselves.
    stopSignal: 'SIGINT',
    ...owner,
  });
  await listening(port, server);
  return `postgres://postgres@127.0.0.1:${port}/postgres`;
}

/**
 * PostgreSQL refuses to run as root, so root runs it as the user that its package made.
 * @returns {{ uid: number, gid: number } | { uid?: never, gid?: never }}
 */
function unprivileged() {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = ['-u', '-g'].map((flag) =>
    Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout),
  );
  if (uid && gid) return { uid, gid };
  throw new SetupError('PostgreSQL does not run as root, and there is no user postgres to run it as.', [
    'run the command as another user',
    'create that user: useradd --system postgres',
  ]);
}

/**
 * @param {string} programs
 * @param {string} folder
 * @param {ReturnType<typeof unprivileged>} owner
 */
function initialise(programs, folder, owner) {
  const args = ['-D', folder, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
  const { status, stderr, error } = spawnSync(join(programs, 'initdb'), args, {
    ...owner,
    cwd: folder,
    encoding: 'utf8',
  });
  if (status !== 0) throw new SetupError(`PostgreSQL's initdb failed: ${error?.message ?? stderr.trim()}`);
}

/**
 * @param {number} port
 * @param {import('./Processes.mjs').Running} server
 */
async function listening(port, server) {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (await accepts(port)) return;
    await pause(PROBE_EVERY_MS);
  }
  throw new SetupError(['PostgreSQL did not start. It said:', ...server.lastLines].join('\n'));
}

/**
 * Whether the server answers the first message of a session; while it starts up it listens and refuses.
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function accepts(port) {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.write(startupMessage()));
    socket.once('data', (answer) => {
      socket.destroy();
      // 'R' asks for, or grants, authentication; 'E' is an error such as "the database system is starting up".
      resolve(answer.toString('latin1', 0, 1) === 'R');
    });
  });
}

/** Length, protocol 3.0, then names and values that end in a zero byte (PostgreSQL manual 55.7, StartupMessage). */
function startupMessage() {
  const body = Buffer.from('user\0postgres\0database\0postgres\0\0', 'latin1');
  const head = Buffer.alloc(8);
  head.writeInt32BE(head.length + body.length, 0);
  head.writeInt32BE(196_608, 4);
  return Buffer.concat([head, body]);
}
