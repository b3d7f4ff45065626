/** `npm run check`: types, lint, format, unused code, import rules, pure tests, generated files, in about a minute. */
import { requireNode } from './setup/nodeVersion.mjs';

requireNode();
const { fileURLToPath } = await import('node:url');
const { runCommand } = await import('./setup/SetupError.mjs');
const { runChecks } = await import('./setup/runChecks.mjs');

await runCommand(() => runChecks({ root: fileURLToPath(new URL('..', import.meta.url)) }));
