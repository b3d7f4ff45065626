import { setTimeout as sleep } from 'node:timers/promises';
import type { TaskRow } from '../store/taskRow';
import { unstartedTasks } from '../store/tasks';
import { listTenants } from '../store/tenants';
import type { ApiDependencies } from './dependencies';
import { grpcCodeOf } from './grpcCode';
import { startAndMark } from './startTask';

export interface Sweeper {
  /** Looks once, now. Gives how many tasks it started. */
  sweep(): Promise<number>;
  /** Ends after the look that is under way. */
  close(): Promise<void>;
}

export interface SweeperSettings {
  /** Mean time between two looks; each is a quarter earlier or later, so that many processes don't look at once. Default 5. */
  readonly everySeconds?: number;
  /** How long an acceptance is left to the request that made it. Default 10. */
  readonly graceSeconds?: number;
}

/**
 * Starts the workflows of tasks that were accepted and not started, because Temporal could not be reached or the process
 * ended in between. Idempotent, so that any number of processes may run one.
 */
export function startSweeper(dependencies: ApiDependencies, settings: SweeperSettings = {}): Sweeper {
  const { everySeconds = 5, graceSeconds = 10 } = settings;
  const stop = new AbortController();
  const sweep = () => sweepAll(dependencies, graceSeconds);
  const running = (async () => {
    while (await pause(everySeconds, stop.signal)) {
      await sweep().catch((error: unknown) =>
        dependencies.log.warn({ err: error }, 'looking for unstarted tasks failed'),
      );
    }
  })();
  const close = () => {
    stop.abort();
    return running;
  };
  return { sweep, close };
}

/** False when it is time to end. */
async function pause(seconds: number, signal: AbortSignal): Promise<boolean> {
  const jittered = seconds * 1000 * (0.75 + Math.random() / 2);
  await sleep(jittered, undefined, { signal, ref: false }).catch(() => undefined);
  return !signal.aborted;
}

async function sweepAll(dependencies: ApiDependencies, graceSeconds: number): Promise<number> {
  const { store, clock } = dependencies;
  const acceptedBefore = new Date(clock().getTime() - graceSeconds * 1000).toISOString();
  let started = 0;
  for (const { id: tenant } of await store.asSystem(listTenants)) {
    const rows = await store.inTenant(tenant, (tx) => unstartedTasks(tx, { acceptedBefore }));
    for (const row of rows) if (await isStarted(dependencies, tenant, row)) started += 1;
  }
  if (started > 0) dependencies.log.info({ started }, 'started tasks that had been accepted before');
  return started;
}

/** A task that can't be started stands in the way of no other; that Temporal can't be reached ends the look, until the next. */
async function isStarted(dependencies: ApiDependencies, tenant: string, row: TaskRow): Promise<boolean> {
  try {
    await startAndMark(dependencies, tenant, row);
    return true;
  } catch (error) {
    if (grpcCodeOf(error) !== null) throw error;
    dependencies.log.error({ err: error, taskId: row.id }, 'a task that was accepted can not be started');
    return false;
  }
}
