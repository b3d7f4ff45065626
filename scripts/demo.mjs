/**
 * `npm run demo`: as `npm start`, with the better classifier where it can be had, and sample tasks. `--once` stops
 * after the sample tasks; its exit code then says whether they went well.
 */
import { requireNode } from './setup/nodeVersion.mjs';

requireNode();
const { fileURLToPath } = await import('node:url');
const { printLine } = await import('./setup/progress.mjs');
const { runCommand } = await import('./setup/SetupError.mjs');
const { serve, whereToClick } = await import('./setup/serve.mjs');
const { tryModel } = await import('./setup/tryModel.mjs');

const root = fileURLToPath(new URL('..', import.meta.url));
const isOnce = process.argv.includes('--once');

await runCommand(async () => {
  const { DEMO_GRANTS, runDemoTasks } = await import('./demoTasks.mjs');
  process.env.COUNTERSIGN_GRANTS ??= JSON.stringify(DEMO_GRANTS);
  await tryModel({ root, log: printLine });
  return serve({
    root,
    log: printLine,
    onStarted: async (started) => {
      const { baseUrl, adminApiKey, callerApiKey } = started;
      await runDemoTasks({ baseUrl, adminApiKey, callerApiKey, log: printLine });
      printLine(`\nHave a look, and decide what is waiting:\n${whereToClick(started)}`);
      if (!isOnce) printLine('  Ctrl-C stops everything; the data stay in .countersign/.');
      return isOnce ? 'stop' : 'keep_running';
    },
  });
});
