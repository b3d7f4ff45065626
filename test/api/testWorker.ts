import { NativeConnection } from '@temporalio/worker';
import { createActivities } from '../../activities/createActivities';
import type { ApiDependencies } from '../../api/dependencies';
import { connectionOptionsOf } from '../../platform/temporal';
import { startWorkers } from '../../worker/worker';

/** The real worker for the tasks of a test. */
export async function startWorker(dependencies: ApiDependencies) {
  const { config, store, keyring, taskTypes, clock, log } = dependencies;
  const connection = await NativeConnection.connect(connectionOptionsOf(config.temporal));
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
