#!/usr/bin/env node
/** The command `countersign`: lets Node load TypeScript, then runs `cli/main.ts` in this same process. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { requireNode } from '../scripts/setup/nodeVersion.mjs';

requireNode();
if (!existsSync(new URL('../node_modules/tsx', import.meta.url))) {
  console.error(
    'The packages of this project are not installed yet. Run `npm start`, which installs them, or `npm ci`.',
  );
  process.exit(1);
}
// Enough for what is required; the hooks for `import()` take as long as all the rest, and few commands need them.
const { register } = await import('tsx/cjs/api');
register();
createRequire(import.meta.url)('./main.ts');
