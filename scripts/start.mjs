/** `npm start`: the whole installation on this machine, until Ctrl-C. */
import { requireNode } from './setup/nodeVersion.mjs';

requireNode();
const { fileURLToPath } = await import('node:url');
const { printLine } = await import('./setup/progress.mjs');
const { runCommand } = await import('./setup/SetupError.mjs');
const { serve, whereToClick } = await import('./setup/serve.mjs');

await runCommand(() =>
  serve({
    root: fileURLToPath(new URL('..', import.meta.url)),
    log: printLine,
    onStarted: async (started) => {
      printLine(`${whereToClick(started)}\n  Ctrl-C stops everything; the data stay in .countersign/.`);
      return 'keep_running';
    },
  }),
);
