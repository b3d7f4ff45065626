import './quietRuntime';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { NativeConnection } from '@temporalio/worker';
import { createActivities } from '../../activities/createActivities';
import type { Classify, StepDependencies } from '../../activities/dependencies';
import type { ApiDependencies } from '../../api/dependencies';
import { startApi } from '../../api/server';
import { startSweeper } from '../../api/sweeper';
import type { LocalSteps, RemoteSteps } from '../../contracts/words/steps';
import { SCOPES, type Scope } from '../../contracts/words/vocabulary';
import { type FakeBank, startFakeBank } from '../../fakes/bank';
import { type FakeCrm, startFakeCrm } from '../../fakes/crm';
import { type FakeOrders, startFakeOrders } from '../../fakes/orders';
import { type FakePayments, startFakePayments } from '../../fakes/payments';
import { trainClassifier } from '../../models/embedded/classifier';
import { createProviders } from '../../models/registry';
import { loadConfig } from '../../platform/config/config';
import { hoursByQueue } from '../../platform/config/queueHours';
import { createLog } from '../../platform/log';
import { closeTemporalClient, connectionOptionsOf, createTemporalClient } from '../../platform/temporal';
import { createApiKey } from '../../store/apiKeys';
import { savePolicy } from '../../store/policies';
import { type BankSupportOptions, bankSupport } from '../../tasks/bank-support/definition';
import { invoiceExtract } from '../../tasks/invoice-extract/definition';
import { type RefundDecisionOptions, refundDecision } from '../../tasks/refund-decision/definition';
import { policySnapshot, resolveDefinition } from '../../tasks/resolve';
import { tellingBy } from '../../worker/notifications/fromConfig';
import { type RunningWorkers, startWorkers } from '../../worker/worker';
import { openTestStore, type TestStore } from '../store/testStore';

const CACHE = join(__dirname, '..', '..', 'node_modules', '.cache', 'countersign-test');

export interface TestBankOptions extends BankSupportOptions {
  /** What refund-decision does otherwise than it is shipped. */
  readonly refund?: RefundDecisionOptions;
  /** Settings by environment variable, such as OPENAI_BASE_URL. */
  readonly env?: Readonly<Record<string, string>>;
  /** How webhooks are sent, where that differs from what the API checks, as it may once a name leads elsewhere. */
  readonly webhooks?: StepDependencies['webhooks'];
  /** Wraps the steps, to see or disturb them. */
  readonly wrap?: (activities: LocalSteps & RemoteSteps) => LocalSteps & RemoteSteps;
}

/** The whole product with its shipped task types, on the run's Temporal, a store of its own and fakes that can misbehave. */
export interface TestBank {
  readonly url: string;
  readonly tenant: string;
  readonly dependencies: ApiDependencies;
  readonly bank: FakeBank;
  readonly crm: FakeCrm;
  readonly orders: FakeOrders;
  readonly payments: FakePayments;
  /** What was logged, one JSON text a line. */
  readonly logged: () => string;
  key(scopes?: readonly Scope[]): Promise<string>;
  stopWorkers(): Promise<void>;
  startWorkers(): Promise<void>;
  close(): Promise<void>;
}

export async function openTestBank(options: TestBankOptions = {}): Promise<TestBank> {
  const testStore = await openTestStore();
  const systems = await startSystems();
  const lines: string[] = [];
  const { api: dependencies, steps } = await assemble(options, { testStore, systems, lines });
  const activities = (options.wrap ?? ((each) => each))(createActivities(steps));
  const connection = await NativeConnection.connect(connectionOptionsOf(dependencies.config.temporal));
  let workers: RunningWorkers | null = null;
  const stopWorkers = async () => {
    await workers?.stop();
    workers = null;
  };
  const beginWorkers = async () => {
    const { namespace, taskQueue } = dependencies.config.temporal;
    const settings = { connection, namespace, taskQueue, maxCachedWorkflows: 300, shutdownGraceSeconds: 5 };
    workers = await startWorkers({ ...settings, activities, providers: [...steps.providers.keys()] });
  };
  await beginWorkers();
  const api = await startApi(dependencies);
  const sweeper = startSweeper(dependencies);
  const { store, tenant } = testStore;
  return {
    url: api.url,
    tenant,
    dependencies,
    ...systems,
    logged: () => lines.join(''),
    key: async (scopes = SCOPES) => {
      const request = { name: 'test', scopes, at: new Date().toISOString(), expiresAt: null };
      return (await store.inTenant(tenant, (tx) => createApiKey(tx, request))).secret;
    },
    stopWorkers,
    startWorkers: beginWorkers,
    close: async () => {
      await api.close();
      await sweeper.close();
      await stopWorkers();
      await connection.close();
      await closeTemporalClient(dependencies.client);
      await Promise.all([...Object.values(systems).map((system) => system.close()), testStore.close()]);
    },
  };
}

type TestSystems = Pick<TestBank, 'bank' | 'crm' | 'orders' | 'payments'>;

async function startSystems(): Promise<TestSystems> {
  const started = [startFakeBank(), startFakeCrm(), startFakeOrders(), startFakePayments()] as const;
  const [bank, crm, orders, payments] = await Promise.all(started);
  return { bank, crm, orders, payments };
}

interface Surroundings {
  readonly testStore: TestStore;
  readonly systems: TestSystems;
  readonly lines: string[];
}

async function assemble(options: TestBankOptions, surroundings: Surroundings) {
  const { testStore, lines, systems } = surroundings;
  const { config } = loadConfig({ root: __dirname, env: { ...environmentOf(), ...options.env } });
  const providers = createProviders(config.models);
  const taskTypes = new Map(
    [
      resolveDefinition(bankSupport(options)),
      resolveDefinition(invoiceExtract()),
      resolveDefinition(refundDecision(options.refund)),
    ].map((t) => [t.name, t]),
  );
  const environment = {
    defaultModels: { openai: config.models.openai.model },
    hours: hoursByQueue(config.people.queueHours),
    hasProvider: (name: string) => name === 'embedded' || providers.has(name),
  };
  const policies = new Map([...taskTypes].map(([name, taskType]) => [name, policySnapshot(taskType, environment)]));
  for (const [name, snapshot] of policies) {
    const onTimeout = taskTypes.get(name)?.review.onTimeout;
    const fallback = onTimeout?.kind === 'fall_back' ? onTimeout.output : null;
    await testStore.store.asSystem((tx) => savePolicy(tx, { snapshot, fallback }));
  }
  const shared = {
    store: testStore.store,
    keyring: testStore.keyring,
    taskTypes,
    clock: () => new Date(),
    log: createLog({ level: 'debug', process: 'test', destination: { write: (line) => void lines.push(line) } }),
  };
  const steps: StepDependencies = {
    ...shared,
    providers,
    classifiers: new Map([
      ['bank-support', await classifierOf(bankSupport())],
      ['refund-decision', await classifierOf(refundDecision())],
    ]),
    baseUrls: {
      'core-bank': systems.bank.url,
      crm: systems.crm.url,
      orders: systems.orders.url,
      payments: systems.payments.url,
    },
    tellingBy: tellingBy(config),
    webhooks: options.webhooks ?? {
      timeoutSeconds: 2,
      outbound: { allowPrivateAddresses: config.webhooks.allowPrivateAddresses },
    },
  };
  const api: ApiDependencies = { ...shared, policies, config, client: createTemporalClient(config.temporal) };
  return { api, steps };
}

function environmentOf(): Record<string, string> {
  return {
    PORT: '0',
    TEMPORAL_ADDRESS: process.env.TEMPORAL_ADDRESS ?? '127.0.0.1:7233',
    COUNTERSIGN_TASK_QUEUE: `test-${randomUUID()}`,
    COUNTERSIGN_WEBHOOKS_ALLOW_PRIVATE_ADDRESSES: 'true',
  };
}

/** The linear encoder alone, kept between runs: its answers are the same on every machine. */
async function classifierOf({
  name,
  classes,
}: ReturnType<typeof bankSupport> | ReturnType<typeof refundDecision>): Promise<Classify> {
  if (classes.kind !== 'examples') throw new TypeError(`${name} is classified by examples`);
  const options = { cacheDir: CACHE, weightsDir: null, outOfScope: classes.outOfScope };
  const classifier = await trainClassifier([...classes.examples], options);
  const { version, calibrator } = classifier;
  return async (text) => ({ ...(await classifier.classify(text)), classifier: version, calibrator });
}
