import path from 'node:path';
import {
  DefaultLogger,
  type NativeConnection,
  Worker,
  type WorkerOptions,
  bundleWorkflowCode,
} from '@temporalio/worker';
import { providerQueueOf } from '../contracts/words/names';
import type { LocalSteps, RemoteSteps } from '../contracts/words/steps';

export const WORKFLOWS_PATH = path.join(__dirname, '..', 'workflows', 'aiTask.ts');

export interface WorkerSettings {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly taskQueue: string;
  /** 300 to 500 per GB of memory. */
  readonly maxCachedWorkflows: number;
  /** Longer than the longest model call, so that a deploy loses none. */
  readonly shutdownGraceSeconds: number;
  readonly activities: LocalSteps & RemoteSteps;
  /** Names of the remote providers whose calls this process makes. */
  readonly providers: readonly string[];
}

let bundle: Promise<Awaited<ReturnType<typeof bundleWorkflowCode>>> | null = null;

/** The workflow code as the sandbox runs it; made once per process. */
export function workflowBundle(): Promise<Awaited<ReturnType<typeof bundleWorkflowCode>>> {
  bundle ??= bundleWorkflowCode({ workflowsPath: WORKFLOWS_PATH, logger: new DefaultLogger('WARN') });
  return bundle;
}

/** Workers that run until `stop`: one for the tasks, and one for each remote provider's calls. */
export interface RunningWorkers {
  /** Resolves when they have stopped, rejects when one fails. */
  readonly finished: Promise<void>;
  stop(): Promise<void>;
}

export async function startWorkers(settings: WorkerSettings): Promise<RunningWorkers> {
  const workers = await createWorkers(settings);
  const finished = Promise.all(workers.map((worker) => worker.run())).then(() => undefined);
  return {
    finished,
    stop: async () => {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await finished;
    },
  };
}

async function createWorkers(settings: WorkerSettings): Promise<readonly Worker[]> {
  const { connection, namespace, taskQueue, shutdownGraceSeconds, activities } = settings;
  const shared = {
    connection,
    namespace,
    shutdownGraceTime: shutdownGraceSeconds * 1000,
  } satisfies Partial<WorkerOptions>;
  const main = Worker.create({
    ...shared,
    taskQueue,
    activities,
    workflowBundle: await workflowBundle(),
    maxCachedWorkflows: settings.maxCachedWorkflows,
  });
  const { draft } = activities;
  const ofProviders = settings.providers.map((provider) =>
    Worker.create({ ...shared, taskQueue: providerQueueOf(taskQueue, provider), activities: { draft } }),
  );
  return Promise.all([main, ...ofProviders]);
}
