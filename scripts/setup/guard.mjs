/**
 * The guard: a process of its own that outlives a killed command just long enough to clean up after it. The command
 * tells it over IPC which process groups and files are its own; when the channel closes, however the command ended,
 * the groups are stopped, the last started first, and the files removed.
 */
import { rmSync } from 'node:fs';
import { stopGroup } from './stopGroup.mjs';

/**
 * @typedef {{ watch: number, stopSignal: NodeJS.Signals, graceMs: number }
 *   | { forget: number }
 *   | { removeAtEnd: string }} GuardMessage
 */

/** @type {Map<number, { stopSignal: NodeJS.Signals, graceMs: number }>} */
const groups = new Map();
/** @type {Set<string>} */
const paths = new Set();

process.on('message', (/** @type {GuardMessage} */ message) => {
  if ('watch' in message) groups.set(message.watch, message);
  else if ('forget' in message) groups.delete(message.forget);
  else paths.add(message.removeAtEnd);
});

// The terminal sends its signals to the command, which decides; the guard goes when the command is gone.
for (const signal of /** @type {NodeJS.Signals[]} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => {});

process.on('disconnect', async () => {
  for (const [pid, how] of [...groups].reverse()) await stopGroup(pid, how);
  for (const path of paths) rmSync(path, { recursive: true, force: true });
  process.exit(0);
});

process.send?.('listening');
