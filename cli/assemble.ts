import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { DestinationStream } from 'pino';
import type { ApiDependencies } from '../api/dependencies';
import type { PolicySnapshot } from '../contracts/words/policy';
import type { ModelProvider } from '../models/provider';
import { createProviders } from '../models/registry';
import { type Config, loadConfig } from '../platform/config/config';
import { hoursByQueue } from '../platform/config/queueHours';
import { createKeyring, type Keyring } from '../platform/encryption/keyring';
import { masterKeyFromBase64, masterKeyFromFile } from '../platform/encryption/masterKey';
import { createLog, type Log } from '../platform/log';
import { createTemporalClient } from '../platform/temporal';
import { savePolicy } from '../store/policies';
import { openStore } from '../store/openStore';
import type { Store } from '../store/store';
import { ensureTenant } from '../store/tenants';
import type { GrantDefinition } from '../tasks/define';
import { taskTypes as installedTaskTypes } from '../tasks/registry';
import { policySnapshot, type ResolvedTask } from '../tasks/resolve';

export const projectRoot = join(__dirname, '..');

/** The tenant of an installation that serves one. Keys of further tenants are made by their administrators. */
export const DEFAULT_TENANT = 'default';

/** What every process of the product has. */
export interface Installation {
  readonly config: Config;
  readonly log: Log;
  readonly store: Store;
  readonly keyring: Keyring;
  readonly taskTypes: ReadonlyMap<string, ResolvedTask>;
  readonly policies: ReadonlyMap<string, PolicySnapshot>;
  readonly providers: ReadonlyMap<string, ModelProvider>;
  readonly client: Client;
  readonly clock: () => Date;
}

export type ProcessName = 'start' | 'api' | 'worker' | 'migrate' | 'rebuild';

export interface InstallationOptions {
  readonly process: ProcessName;
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  /** Default: standard output. */
  readonly logTo?: DestinationStream;
}

/** Reads the configuration, opens the store and puts the task types' policies in it. */
export async function openInstallation({ process, root, env, logTo }: InstallationOptions): Promise<Installation> {
  const { config } = loadConfig({ root, env });
  const log = createLog({ level: config.log.level, process, ...(logTo && { destination: logTo }) });
  const providers = createProviders(config.models);
  const taskTypes = installedTaskTypes({ grants: grantsByType(config) });
  const keyring = createKeyring(await masterKeyOf(config, process === 'start' || process === 'migrate'));
  const store = await openStore(locationOf(config), {
    onWarning: (message, cause) => log.warn({ err: cause }, message),
  });
  const clock = () => new Date();
  const policies = policiesOf(config, { taskTypes, providers });
  await register(store, { taskTypes, policies, clock });
  const client = createTemporalClient(config.temporal);
  return { config, log, store, keyring, taskTypes, policies, providers, client, clock };
}

export function apiDependenciesOf(installation: Installation): ApiDependencies {
  const { store, keyring, client, taskTypes, policies, config, log, clock } = installation;
  return { store, keyring, client, taskTypes, policies, config, log, clock };
}

function grantsByType({ autonomy }: Config): Record<string, GrantDefinition[]> {
  const byType: Record<string, GrantDefinition[]> = {};
  for (const { type, class: name, threshold, auditRate } of autonomy.grants) {
    (byType[type] ??= []).push({ class: name, threshold, ...(auditRate !== undefined && { auditRate }) });
  }
  return byType;
}

function policiesOf(
  config: Config,
  { taskTypes, providers }: Pick<Installation, 'taskTypes' | 'providers'>,
): ReadonlyMap<string, PolicySnapshot> {
  const environment = {
    defaultModels: { openai: config.models.openai.model, embedded: 'embedded' },
    defaultTimeoutSeconds: { openai: config.models.openai.timeoutSeconds },
    humanUsdPerHour: config.people.costPerHourUsd,
    hours: hoursByQueue(config.people.queueHours),
    hasProvider: (provider: string) => provider === 'embedded' || providers.has(provider),
  };
  return new Map([...taskTypes].map(([name, taskType]) => [name, policySnapshot(taskType, environment)]));
}

async function register(
  store: Store,
  { taskTypes, policies, clock }: Pick<Installation, 'taskTypes' | 'policies' | 'clock'>,
) {
  await store.asSystem(async (tx) => {
    await ensureTenant(tx, { id: DEFAULT_TENANT, name: 'Default', createdAt: clock().toISOString() });
    for (const [name, snapshot] of policies) {
      const onTimeout = taskTypes.get(name)?.review.onTimeout;
      await savePolicy(tx, { snapshot, fallback: onTimeout?.kind === 'fall_back' ? onTimeout.output : null });
    }
  });
}

function locationOf({ store }: Config) {
  if (store.databaseUrl === undefined) return { directory: store.directory };
  return { databaseUrl: store.databaseUrl, poolSize: store.poolSize };
}

/**
 * From the environment; else the file in the home folder. Only the processes that set an installation up make that file:
 * an API or a worker that made one of its own would write what the others can't read.
 */
async function masterKeyOf({ secrets, home }: Config, mayCreate: boolean): Promise<Uint8Array> {
  if (secrets.masterKey !== undefined) return masterKeyFromBase64(secrets.masterKey);
  return masterKeyFromFile(join(home, 'master.key'), { create: mayCreate });
}
