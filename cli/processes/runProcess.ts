import { type Installation, openInstallation, type ProcessName, projectRoot } from '../assemble';
import { closeTemporalClient } from '../../platform/temporal';
import type { RunningPart } from './parts';

export interface ProcessPlan {
  readonly process: ProcessName;
  /** Starts the parts, each told to `keep` as soon as it runs, and gives what the ready line says. */
  readonly start: (installation: Installation, keep: (part: RunningPart) => void) => Promise<object>;
}

/**
 * Opens the installation, starts the parts and says so in one line, then runs until it is told to stop or a part fails. What
 * was started is stopped in any case, so that a failed start leaves no process behind. The line is for the program that
 * started this one, and never goes to a log.
 */
export async function runProcess({ process: name, start }: ProcessPlan): Promise<void> {
  const stopped = untilAsked();
  const installation = await openInstallation({ process: name, root: projectRoot, env: process.env });
  const parts: RunningPart[] = [];
  try {
    const ready = await start(installation, (part) => parts.unshift(part));
    process.stdout.write(`countersign ready ${JSON.stringify(ready)}\n`);
    await Promise.race([stopped, ...parts.map((part) => part.finished)]);
    installation.log.info('stopping');
  } catch (error) {
    installation.log.fatal({ err: error }, 'this process can not go on, so it stops');
    process.exitCode = 1;
  } finally {
    await close(installation, parts);
  }
}

function untilAsked(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}

async function close({ log, client, store }: Installation, parts: readonly RunningPart[]): Promise<void> {
  for (const part of parts) {
    await part.stop().catch((error: unknown) => log.error({ err: error }, 'a part did not stop cleanly'));
  }
  await closeTemporalClient(client);
  await store.close();
  log.info('stopped');
}
