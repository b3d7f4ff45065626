/** @typedef {(line: string) => void} Log */

/** @type {Log} */
export const printLine = (line) => console.log(line);

/**
 * Runs a step and says when it is done and how long it took; `waiting` is said first when the step may take long.
 * @template T
 * @param {{ log: Log, name: string, waiting?: string }} about
 * @param {() => Promise<T>} step
 * @returns {Promise<T>}
 */
export async function withProgress({ log, name, waiting }, step) {
  const startedAt = performance.now();
  if (waiting !== undefined) log(`… ${waiting}`);
  const result = await step();
  log(`✓ ${name} (${secondsSince(startedAt)})`);
  return result;
}

/** @param {number} startedAt of performance.now() */
export function secondsSince(startedAt) {
  return `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
}
