import '../support/quietRuntime';
import { NativeConnection } from '@temporalio/worker';
import { createActivities } from '../../activities/createActivities';
import type { ApiDependencies } from '../../api/dependencies';
import type { Log } from '../../platform/log';
import { installRuntime } from '../../worker/runtime';
import { startWorkers } from '../../worker/worker';

/** The real worker for the tasks of a test. */
export async function startWorker(dependencies: ApiDependencies) {
  const { config, store, keyring, taskTypes, clock, log } = dependencies;
  keepQuiet(log);
  const connection = await NativeConnection.connect({
    address: process.env.TEMPORAL_ADDRESS ?? config.temporal.address,
  });
  const activities = createActivities({
    store,
    keyring,
    taskTypes,
    classifiers: new Map(),
    providers: new Map(),
    baseUrls: {},
    webhooks: { timeoutSeconds: 5, outbound: { allowPrivateAddresses: true } },
    clock,
    log,
  });
  const { namespace, taskQueue } = config.temporal;
  const settings = { connection, namespace, taskQueue, maxCachedWorkflows: 100, shutdownGraceSeconds: 5 };
  const workers = await startWorkers({ ...settings, activities, providers: [] });
  return { stop: () => workers.stop().finally(() => connection.close()) };
}

/** There is one runtime in a process, and Jest runs several test files in each. */
function keepQuiet(log: Log): void {
  try {
    installRuntime(log);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'IllegalStateError') throw error;
  }
}
