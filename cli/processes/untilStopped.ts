import type { Installation } from '../assemble';
import type { RunningPart } from './parts';

/**
 * Says that the process is ready, then runs until it is told to stop or a part fails; then stops the parts in their order
 * and closes what they shared. The line is for the program that started this one, and never goes to a log.
 */
export async function untilStopped(installation: Installation, parts: readonly RunningPart[], ready: object): Promise<void> {
  const { log } = installation;
  process.stdout.write(`countersign ready ${JSON.stringify(ready)}\n`);
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  try {
    await Promise.race([stopped, ...parts.map((part) => part.finished)]);
    log.info('stopping');
  } catch (error) {
    log.fatal({ err: error }, 'a part of this process failed, so it stops');
    process.exitCode = 1;
  } finally {
    await close(installation, parts);
  }
}

async function close({ log, client, store }: Installation, parts: readonly RunningPart[]): Promise<void> {
  for (const part of parts) await part.stop().catch((error: unknown) => log.error({ err: error }, 'a part did not stop cleanly'));
  await client.connection.close();
  await store.close();
  log.info('stopped');
}
