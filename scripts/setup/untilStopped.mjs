/** @typedef {{ kind: 'asked' | 'failed', reason: string }} Stop */

const PARENT_LOOK_EVERY_MS = 1_000;
/** One Ctrl-C arrives twice: from the terminal, and passed on by npm. */
const SAME_KEY_MS = 1_000;

/**
 * Fulfils when the command is to end: by a signal, because one of its processes ended, or because the `npm` that runs
 * it is gone. A second Ctrl-C ends the command at once; the guard then stops the rest.
 * @param {import('./Processes.mjs').Processes} processes
 * @returns {Promise<Stop>}
 */
export function untilStopped(processes) {
  return new Promise((resolve) => {
    let firstAt = Number.POSITIVE_INFINITY;
    for (const signal of /** @type {NodeJS.Signals[]} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
      process.on(signal, () => {
        if (performance.now() - firstAt > SAME_KEY_MS) process.exit(130);
        firstAt = Math.min(firstAt, performance.now());
        resolve({ kind: 'asked', reason: signal });
      });
    }
    void processes.unexpectedEnd.then((reason) => resolve({ kind: 'failed', reason }));
    watchParent(() => resolve({ kind: 'asked', reason: 'npm is gone' }));
  });
}

/** @param {() => void} onGone */
function watchParent(onGone) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onGone();
  }, PARENT_LOOK_EVERY_MS);
  timer.unref();
}
