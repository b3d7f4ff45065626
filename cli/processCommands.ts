import type { Command } from 'commander';
import { listOption } from './listOption';
import { printLine } from './print';
import { ROOT } from './session';

interface ProcessModule {
  run(): Promise<void>;
}

/** Loaded one at a time: none of them is needed to ask something of a running installation. */
const PROCESSES: Readonly<Record<string, { readonly description: string; load(): Promise<ProcessModule> }>> = {
  start: {
    description: 'run the API and the worker in one process (npm start does this, with all that it needs)',
    load: () => import('./processes/start.js'),
  },
  api: { description: 'run the API', load: () => import('./processes/api.js') },
  worker: { description: 'run the worker', load: () => import('./processes/worker.js') },
  migrate: { description: 'bring the database to the current tables', load: () => import('./processes/migrate.js') },
};

/** The processes of an installation, and what they are told. */
export function addProcessCommands(program: Command): void {
  for (const [name, { description, load }] of Object.entries(PROCESSES)) {
    program
      .command(name)
      .description(description)
      .action(async () => {
        await allowImports();
        await (await load()).run();
      });
  }
  program
    .command('rebuild')
    .description("make the inbox again from Temporal's histories, and say what differed")
    .option('--tenant <id>', 'of this tenant (default: all)')
    .option('--only <taskId…>', 'these tasks (default: all)', listOption)
    .option('--dry-run', 'say what differs, and change nothing')
    .option('--json', 'print the report as JSON')
    .action(async (_options: unknown, command: Command) => {
      await allowImports();
      const { runRebuild } = await import('./rebuildProcess.js');
      await runRebuild(command.opts());
    });
  program
    .command('config')
    .description('print every option, its value and where that came from')
    .action(async () => {
      await allowImports();
      const { loadConfig } = await import('../platform/config/config.js');
      const { describeConfig } = await import('../platform/config/describeConfig.js');
      printLine(describeConfig(loadConfig({ root: ROOT, env: process.env })));
    });
}

/** Lets `import()` load TypeScript; the command `countersign` has only seen to `require`, `node --import tsx` to both. */
async function allowImports(): Promise<void> {
  if (process.execArgv.includes('tsx')) return;
  const { register } = await import('tsx/esm/api');
  register();
}
