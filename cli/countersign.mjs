#!/usr/bin/env node
/** The command `countersign`: lets Node load TypeScript, then runs `cli/main.ts` in this same process. */
import { existsSync } from 'node:fs';
import { requireNode } from '../scripts/setup/nodeVersion.mjs';

requireNode();
if (!existsSync(new URL('../node_modules/tsx', import.meta.url))) {
  console.error(
    'The packages of this project are not installed yet. Run `npm start`, which installs them, or `npm ci`.',
  );
  process.exit(1);
}
const [{ register: registerCommonJs }, { register }] = await Promise.all([
  import('tsx/cjs/api'),
  import('tsx/esm/api'),
]);
registerCommonJs();
register();
await import('./main.js');
