/**
 * `npm test`: what is missing is installed, then Jest runs with the arguments given. `--store=postgres` runs the same
 * suites on a throw-away PostgreSQL. The last line is the totals alone: `N passed, N failed`.
 */
import { requireNode } from './setup/nodeVersion.mjs';

requireNode();
const { fileURLToPath } = await import('node:url');
const { runCommand } = await import('./setup/SetupError.mjs');
const { runTests } = await import('./setup/runTests.mjs');

await runCommand(() => runTests({ root: fileURLToPath(new URL('..', import.meta.url)), args: process.argv.slice(2) }));
