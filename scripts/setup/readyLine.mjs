import { SetupError } from './SetupError.mjs';

/** A process of the product says that it is ready by one line on its standard output: this, then JSON. */
const READY = 'countersign ready ';
/** The first start trains classifiers and fills a new store. */
const READY_TIMEOUT_MS = 300_000;

/**
 * Starts a process and waits for a line of its that `accepts` gives something for.
 * @template T
 * @param {import('./Processes.mjs').Processes} processes
 * @param {import('./Processes.mjs').ProcessOptions} options
 * @param {(line: string) => T | undefined} accepts
 * @returns {Promise<{ said: T, pid: number }>}
 */
export async function startUntilReady(processes, options, accepts) {
  /** @type {(said: T) => void} */
  let resolveReady = () => {};
  const ready = new Promise((/** @type {(said: T) => void} */ resolve) => (resolveReady = resolve));
  /** @type {NonNullable<typeof options.onLine>} */
  const onLine = (line) => {
    const said = accepts(line);
    if (said === undefined) return undefined;
    resolveReady(said);
    return 'taken';
  };
  const running = await processes.start({ ...options, onLine });
  const outcome = await Promise.race([
    ready.then((said) => ({ said })),
    running.ended.then((reason) => ({ reason })),
    timeout(`${options.name} was not ready within ${READY_TIMEOUT_MS / 1000} s.`),
  ]);
  if ('said' in outcome) return { said: outcome.said, pid: running.pid };
  const lastLines = running.lastLines.map((line) => `  ${line}`);
  throw new SetupError([outcome.reason, 'Its last lines:', ...lastLines].join('\n'), [
    ...(options.logFile === undefined ? [] : [`read all of it in ${options.logFile}`]),
  ]);
}

/**
 * What the ready line of a process of the product holds.
 * @param {string} line
 * @returns {{ baseUrl?: string, adminApiKey?: string, callerApiKey?: string, signInUrl?: string | null } | undefined}
 */
export function readyOf(line) {
  return line.startsWith(READY) ? JSON.parse(line.slice(READY.length)) : undefined;
}

/**
 * @param {string} reason
 * @returns {Promise<{ reason: string }>}
 */
function timeout(reason) {
  return new Promise((resolve) => setTimeout(() => resolve({ reason }), READY_TIMEOUT_MS).unref());
}
