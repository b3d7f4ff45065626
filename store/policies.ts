import type { JsonValue } from '../contracts/digest';
import type { PolicySnapshot } from '../contracts/words/policy';
import type { SystemTx, TenantTx } from './store';

export interface StoredPolicy {
  readonly snapshot: PolicySnapshot;
  /** The constant output of the declared fallback; null where the task type has none. */
  readonly fallback: JsonValue;
}

/** Keeps a policy under its version; one that is there stays as it is. */
export declare function savePolicy(tx: SystemTx | TenantTx, policy: StoredPolicy): Promise<void>;

export declare function readPolicy(tx: SystemTx | TenantTx, version: string): Promise<StoredPolicy | null>;
