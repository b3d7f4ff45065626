import type { Client } from '@temporalio/client';
import type { PolicySnapshot } from '../contracts/words/policy';
import type { Config } from '../platform/config/config';
import type { Keyring } from '../platform/encryption/keyring';
import type { Log } from '../platform/log';
import type { Store } from '../store/store';
import type { ResolvedTask } from '../tasks/resolve';

/** Everything that the API reaches, given by the process. */
export interface ApiDependencies {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly client: Client;
  readonly taskTypes: ReadonlyMap<string, ResolvedTask>;
  /** The policy in force of each task type. */
  readonly policies: ReadonlyMap<string, PolicySnapshot>;
  readonly config: ApiConfig;
  readonly log: Log;
  readonly clock: () => Date;
}

export type ApiConfig = Pick<Config, 'http' | 'temporal' | 'webhooks' | 'notifications'>;

/** The time by the process's clock, RFC 3339 UTC. */
export function nowOf({ clock }: Pick<ApiDependencies, 'clock'>): string {
  return clock().toISOString();
}
