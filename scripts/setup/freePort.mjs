import { createServer } from 'node:net';
import { SetupError } from './SetupError.mjs';

const TRIES = 100;

/**
 * A port that nothing listens on: the wanted one, or the next free one, and then it is said. Ports that were given
 * once are not given again.
 * @param {import('./progress.mjs').Log} log
 */
export function portChooser(log) {
  /** @type {Set<number>} */
  const given = new Set();
  /**
   * @param {string} name
   * @param {number} wanted
   */
  return async (name, wanted) => {
    if (wanted === 0) return anyFreePort();
    for (let port = wanted; port < wanted + TRIES && port <= 65_535; port += 1) {
      if (given.has(port) || !(await isFree(port))) continue;
      given.add(port);
      if (port !== wanted) log(`  port ${wanted} is taken, so ${name} uses ${port}`);
      return port;
    }
    throw new SetupError(`No port for ${name}: ${wanted} to ${wanted + TRIES - 1} are all taken.`, [
      'stop what listens there, or choose another port (PORT for the API)',
    ]);
  };
}

/** A free port of the system's choice, for tests. */
export async function anyFreePort() {
  const port = await listen(0);
  if (port === undefined) throw new SetupError('This machine gives no port on 127.0.0.1.');
  return port;
}

/** @param {number} port */
async function isFree(port) {
  return (await listen(port)) !== undefined;
}

/**
 * Listens for a moment; gives the port, or undefined when it is taken or not allowed.
 * @param {number} port
 * @returns {Promise<number | undefined>}
 */
function listen(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      const actual = typeof address === 'object' && address !== null ? address.port : port;
      server.close(() => resolve(actual));
    });
  });
}
