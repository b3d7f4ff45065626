import { startInstallation } from './installation.mjs';
import { Processes } from './Processes.mjs';
import { secondsSince } from './progress.mjs';
import { untilStopped } from './untilStopped.mjs';

/**
 * Starts the installation and keeps it running until Ctrl-C, or until one of its processes ends; then stops all of it.
 * @param {object} options
 * @param {string} options.root
 * @param {import('./progress.mjs').Log} options.log
 * @param {(started: import('./installation.mjs').DevFile) => Promise<'keep_running' | 'stop'>} options.onStarted
 * @returns {Promise<number>} the exit code
 */
export async function serve({ root, log, onStarted }) {
  const processes = new Processes();
  const stopped = untilStopped(processes);
  const work = startThen({ root, log, processes, onStarted });
  // When the stop comes first, what the start still says is of no use.
  work.catch(() => {});
  try {
    const end = await Promise.race([stopped, work]);
    log(end.kind === 'failed' ? `\n${end.reason}\nStopping the rest.` : '\nStopping.');
    await processes.stopAll();
    log('Stopped; nothing is left running.');
    return end.kind === 'failed' ? 1 : 0;
  } finally {
    await processes.stopAll();
  }
}

/**
 * @param {Parameters<typeof serve>[0] & { processes: Processes }} options
 * @returns {Promise<import('./untilStopped.mjs').Stop>}
 */
async function startThen({ root, log, processes, onStarted }) {
  const startedAt = performance.now();
  const started = await startInstallation({ root, log, processes });
  log(`\nCountersign is ready (${secondsSince(startedAt)}).`);
  const next = await onStarted(started);
  if (next === 'stop') return { kind: 'asked', reason: 'all is done' };
  return new Promise(() => {});
}

/**
 * Where to click, for a person.
 * @param {import('./installation.mjs').DevFile} started
 */
export function whereToClick({ baseUrl, signInUrl, temporalUiUrl }) {
  const rows = Object.entries({
    API: `${baseUrl}/docs`,
    'Sign in': signInUrl,
    Temporal: temporalUiUrl,
    Inbox: 'npx countersign inbox',
  });
  const shown = rows.filter(([, address]) => address !== null);
  return shown.map(([name, address]) => `  ${name.padEnd(9)} ${address}`).join('\n');
}
