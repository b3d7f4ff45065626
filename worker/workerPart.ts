import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { createActivities } from '../activities/createActivities';
import type { Classify, StepDependencies } from '../activities/dependencies';
import type { LocalSteps, RemoteSteps } from '../contracts/words/steps';
import { type Classifier, trainClassifier } from '../models/embedded/classifier';
import type { Config } from '../platform/config/config';
import { connectionOptionsOf, ensureSearchAttributes } from '../platform/temporal';
import { channelsOf, tellingBy } from './notifications/fromConfig';
import { type Notifier, startNotifier } from './notifications/notifier';
import { installRuntime } from './runtime';
import { type RunningWorkers, startWorkers } from './worker';

/** What the worker's part of a process needs; the rest of what the steps need is made here. */
export interface WorkerInstallation extends Omit<StepDependencies, 'classifiers' | 'baseUrls' | 'webhooks'> {
  readonly config: Config;
  readonly client: Client;
}

export interface WorkerPartOptions {
  /** Puts something around the steps, such as a disturbance in a test. Default: nothing. */
  readonly wrap?: (activities: LocalSteps & RemoteSteps) => LocalSteps & RemoteSteps;
}

/** Trains or loads the classifiers and starts the workers of this process, and what tells members of reviews. */
export async function startWorkerPart(
  installation: WorkerInstallation,
  { wrap = (activities) => activities }: WorkerPartOptions = {},
): Promise<RunningWorkers> {
  const { client, config, providers, log } = installation;
  installRuntime(log);
  await ensureSearchAttributes(client, config.temporal.namespace);
  const classifiers = await trainClassifiers(installation);
  const connection = await NativeConnection.connect(connectionOptionsOf(config.temporal));
  const { namespace, taskQueue, maxCachedWorkflows, shutdownGraceSeconds } = config.temporal;
  const settings = { connection, namespace, taskQueue, maxCachedWorkflows, shutdownGraceSeconds };
  const activities = wrap(createActivities(dependenciesOf(installation, classifiers)));
  const workers = await startWorkers({ ...settings, activities, providers: [...providers.keys()] });
  const notifier = notifierOf(installation);
  const stop = async () => {
    await notifier?.close();
    await workers.stop().finally(() => connection.close());
    await Promise.all([...classifiers.values()].map((classifier) => classifier.close()));
  };
  return { finished: workers.finished, stop };
}

/** Null where no channel is configured. */
function notifierOf({ config, store, keyring, clock, log }: WorkerInstallation): Notifier | null {
  const channels = channelsOf(config);
  return channels && startNotifier({ ...channels, store, keyring, clock, log });
}

function dependenciesOf(
  { config, store, keyring, taskTypes, providers, clock, log }: WorkerInstallation,
  classifiers: ReadonlyMap<string, Classifier>,
): StepDependencies {
  const { timeoutSeconds, allowPrivateAddresses } = config.webhooks;
  return {
    store,
    keyring,
    taskTypes,
    classifiers: new Map([...classifiers].map(([name, classifier]) => [name, classifyBy(classifier)])),
    providers,
    baseUrls: baseUrlsOf(config),
    webhooks: { timeoutSeconds, outbound: { allowPrivateAddresses } },
    tellingBy: tellingBy(config),
    clock,
    log,
  };
}

/** By integration, of those that have an address. */
function baseUrlsOf({ integrations }: Config): Readonly<Record<string, string>> {
  const { bankUrl, crmUrl, ordersUrl, paymentsUrl } = integrations;
  return {
    ...(bankUrl && { 'core-bank': bankUrl }),
    ...(crmUrl && { crm: crmUrl }),
    ...(ordersUrl && { orders: ordersUrl }),
    ...(paymentsUrl && { payments: paymentsUrl }),
  };
}

async function trainClassifiers({
  taskTypes,
  config,
  log,
}: WorkerInstallation): Promise<ReadonlyMap<string, Classifier>> {
  const { cacheDir, weightsDir } = config.models;
  const classifiers = new Map<string, Classifier>();
  for (const { name, classes } of taskTypes.values()) {
    if (classes.kind !== 'examples') continue;
    const { examples, outOfScope } = classes;
    const trained = await trainClassifier([...examples], {
      cacheDir,
      weightsDir: join(weightsDir, 'minilm'),
      outOfScope,
    });
    log.info({ taskType: name, encoders: trained.encoders, notes: trained.notes }, 'classifier ready');
    classifiers.set(name, trained);
  }
  return classifiers;
}

function classifyBy(classifier: Classifier): Classify {
  const { version, calibrator } = classifier;
  return async (text) => ({ ...(await classifier.classify(text)), classifier: version, calibrator });
}
