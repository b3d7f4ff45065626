import type { Kysely } from 'kysely';
import type { SystemTables, TenantTables } from './schema';

/** A transaction that sees and writes the rows of one tenant only, whatever its queries say. */
export interface TenantTx {
  readonly tenant: string;
  readonly db: Kysely<TenantTables>;
  /** Tells those who listen by `onTaskChanged`, as soon as the transaction is committed. */
  announce(change: TaskChange): void;
}

/** A transaction on what belongs to no tenant, or must be found before the tenant is known. It can't touch tasks or texts. */
export interface SystemTx {
  readonly db: Kysely<SystemTables>;
}

export interface TaskChange {
  readonly tenant: string;
  readonly taskId: string;
  readonly revision: number;
  /** Whether the task had ended. */
  readonly isCompleted: boolean;
}

export interface Store {
  readonly kind: 'embedded' | 'postgres';
  /**
   * Runs `work` in a transaction of the tenant: committed when it resolves, rolled back when it throws. Throws where it is called
   * inside another transaction, and a StoreUnavailableError where the store can't be reached.
   */
  inTenant<T>(tenant: string, work: (tx: TenantTx) => Promise<T>): Promise<T>;
  asSystem<T>(work: (tx: SystemTx) => Promise<T>): Promise<T>;
  /**
   * Calls `listener` after each committed projection of a task, of any process. Changes may be missed: while a lost connection is
   * made anew, and where a process dies between its commit and telling the others. Whoever waits for one must also poll. Gives
   * what ends the subscription.
   */
  onTaskChanged(listener: (change: TaskChange) => void): () => void;
  /** Calls `listener` when changes of other processes may have been missed, and are heard again. Gives what ends the subscription. */
  onChangesMissed(listener: () => void): () => void;
  /** Who looks at what, told between processes: opaque ids only, at most 2,000 bytes, no line break. It may be missed. */
  readonly presence: {
    tell(message: string): void;
    /** Messages of this process too. */
    onTold(listener: (message: string) => void): () => void;
  };
  /** Resolves when the store answers a query; rejects with the reason. */
  ping(): Promise<void>;
  /** Ends connections, the embedded store's thread and its lock. Safe to call twice. */
  close(): Promise<void>;
}
