import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { SetupError } from './SetupError.mjs';
import { stopGroup } from './stopGroup.mjs';

const GRACE_MS = 10_000;
const LINES_KEPT = 20;
const LAST_WORDS_MS = 500;

/**
 * @typedef {object} ProcessOptions
 * @property {string} name what a person calls it
 * @property {string} command
 * @property {readonly string[]} args
 * @property {string} cwd
 * @property {NodeJS.ProcessEnv} env
 * @property {string} [logFile] all it writes is appended there
 * @property {(line: string) => 'taken' | undefined} [onLine] called with each line of its standard output; a line that
 *   is taken is kept out of the log, since it may hold a key
 * @property {NodeJS.Signals} [stopSignal] default SIGTERM
 * @property {number} [graceMs] how long it may take to stop before it is killed; default 10 s
 * @property {number} [uid]
 * @property {number} [gid]
 */

/**
 * @typedef {object} Running
 * @property {string} name
 * @property {number} pid
 * @property {NodeJS.Signals} stopSignal
 * @property {number} graceMs
 * @property {boolean} isStopping
 * @property {string | undefined} logFile
 * @property {string[]} lastLines
 * @property {Promise<string>} ended how it ended, in words; fulfils, never rejects
 */

/**
 * The processes of one command. Each is the head of a process group, so that its own children are stopped with it and
 * a Ctrl-C reaches the command alone. When the command itself is killed, the guard stops them.
 */
export class Processes {
  /** @type {Running[]} */
  #running = [];
  /** @type {Promise<import('node:child_process').ChildProcess> | undefined} */
  #guard;
  /** @type {((reason: string) => void) | undefined} */
  #reportEnd;

  /** @type {string[]} */
  #paths = [];
  #isClosing = false;

  /** Fulfils with a sentence as soon as one of the processes ends without being asked to. */
  unexpectedEnd = new Promise((/** @type {(reason: string) => void} */ resolve) => {
    this.#reportEnd = resolve;
  });

  /**
   * Starts a process; a program that can't be started is a SetupError.
   * @param {ProcessOptions} options
   * @returns {Promise<Running>}
   */
  async start(options) {
    if (this.#isClosing) throw new SetupError('Everything is being stopped, so nothing is started any more.');
    const guard = await this.#ensureGuard();
    const { name, command, args, cwd, env, uid, gid } = options;
    const identity = uid === undefined || gid === undefined ? {} : { uid, gid };
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'], ...identity });
    const pid = await pidOf(child, options);
    const { stopSignal = 'SIGTERM', graceMs = GRACE_MS, logFile } = options;
    guard.send({ watch: pid, stopSignal, graceMs });
    /** @type {Running} */
    const running = {
      name,
      pid,
      stopSignal,
      graceMs,
      isStopping: false,
      logFile,
      lastLines: [],
      ended: endOf(child, name),
    };
    readOutput(child, running, options);
    this.#running.push(running);
    void running.ended.then((reason) => this.#onEnd(running, reason));
    if (this.#isClosing) await this.stop(running);
    return running;
  }

  /**
   * Removes a file or folder when the command ends, however it ends.
   * @param {string} path
   */
  async removeAtEnd(path) {
    this.#paths.push(path);
    const guard = await this.#ensureGuard();
    guard.send({ removeAtEnd: path });
  }

  /** Stops everything, the last started first, and lets the guard go; done when nothing is left running. */
  async stopAll() {
    this.#isClosing = true;
    for (const running of [...this.#running].reverse()) await this.stop(running);
    for (const path of this.#paths.splice(0)) rmSync(path, { recursive: true, force: true });
    const guard = await this.#guard;
    this.#guard = undefined;
    if (guard === undefined || guard.exitCode !== null || guard.signalCode !== null) return;
    guard.ref();
    const gone = new Promise((resolve) => guard.once('exit', resolve));
    guard.disconnect();
    await gone;
  }

  /** @param {Running} running */
  async stop(running) {
    running.isStopping = true;
    await stopGroup(running.pid, running);
    await running.ended;
  }

  /** The guard, once it listens: before that it would not notice the end of this command. */
  #ensureGuard() {
    this.#guard ??= startGuard(() => this.#reportEnd?.('The guard of the processes ended.'));
    return this.#guard;
  }

  /**
   * @param {Running} running
   * @param {string} reason
   */
  #onEnd(running, reason) {
    this.#running = this.#running.filter((each) => each !== running);
    if (running.isStopping) {
      void this.#guard?.then((guard) => guard.connected && guard.send({ forget: running.pid }));
    } else {
      // What the group's head leaves behind is still the guard's.
      const lastLines = running.lastLines.map((line) => `  ${line}`);
      const whereMore = running.logFile === undefined ? [] : [`All of it is in ${running.logFile}`];
      this.#reportEnd?.([reason, ...lastLines, ...whereMore].join('\n'));
    }
  }
}

/**
 * @param {() => void} onEnd
 * @returns {Promise<import('node:child_process').ChildProcess>}
 */
async function startGuard(onEnd) {
  const path = fileURLToPath(new URL('guard.mjs', import.meta.url));
  const guard = fork(path, { detached: true, stdio: ['ignore', 'ignore', 'ignore', 'ipc'], execArgv: [] });
  guard.once('exit', onEnd);
  await Promise.race([once(guard, 'message'), once(guard, 'exit')]);
  // The command's own work keeps it alive; the guard must not.
  guard.unref();
  guard.channel?.unref();
  return guard;
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {ProcessOptions} options
 * @returns {Promise<number>}
 */
function pidOf(child, { name, command }) {
  return new Promise((resolve, reject) => {
    child.once('spawn', () => resolve(/** @type {number} */ (child.pid)));
    child.once('error', (error) => reject(new SetupError(`${name} can not be started (${command}): ${error.message}`)));
  });
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {string} name
 * @returns {Promise<string>}
 */
function endOf(child, name) {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      const reason = `${name} ended ${signal === null ? `with exit code ${code}` : `by ${signal}`}.`;
      // Its last words are worth waiting for, but a child of its own may hold the pipe open.
      setTimeout(() => resolve(reason), LAST_WORDS_MS).unref();
      child.once('close', () => resolve(reason));
    });
  });
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {Running} running
 * @param {ProcessOptions} options
 */
function readOutput(child, running, { logFile, onLine }) {
  const log = logFile === undefined ? undefined : createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      if (stream === child.stdout && onLine?.(line) === 'taken') return;
      log?.write(`${line}\n`);
      running.lastLines.push(line);
      if (running.lastLines.length > LINES_KEPT) running.lastLines.shift();
    });
  }
  void running.ended.then(() => log?.end());
}
