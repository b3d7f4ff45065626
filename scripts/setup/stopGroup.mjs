import { setTimeout as pause } from 'node:timers/promises';
import { hasCode } from './errorCode.mjs';

const LOOK_EVERY_MS = 25;
const DEATH_TIMEOUT_MS = 5_000;

/**
 * Stops all processes of a group: asks first, and kills what is still there after the grace.
 * @param {number} pid of the group's first process
 * @param {{ stopSignal: NodeJS.Signals, graceMs: number }} how
 */
export async function stopGroup(pid, { stopSignal, graceMs }) {
  if (!signalGroup(pid, stopSignal)) return;
  if (await isGone(pid, graceMs)) return;
  signalGroup(pid, 'SIGKILL');
  await isGone(pid, DEATH_TIMEOUT_MS);
}

/**
 * @param {number} pid
 * @param {number} withinMs
 */
async function isGone(pid, withinMs) {
  for (let waitedMs = 0; waitedMs < withinMs; waitedMs += LOOK_EVERY_MS) {
    if (!signalGroup(pid, 0)) return true;
    await pause(LOOK_EVERY_MS);
  }
  return !signalGroup(pid, 0);
}

/**
 * Signals a whole group; false when no process of it is left.
 * @param {number} pid
 * @param {NodeJS.Signals | 0} signal
 */
export function signalGroup(pid, signal) {
  try {
    return process.kill(-pid, signal);
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return false;
    throw error;
  }
}
