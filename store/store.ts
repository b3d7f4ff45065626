import type { Kysely } from 'kysely';
import type { SystemTables, TenantTables } from './schema';

/** A transaction that sees and writes the rows of one tenant only, whatever its queries say. */
export interface TenantTx {
  readonly tenant: string;
  readonly db: Kysely<TenantTables>;
}

/** A transaction on what belongs to no tenant, or must be found before the tenant is known. It can't touch tasks or texts. */
export interface SystemTx {
  readonly db: Kysely<SystemTables>;
}

export interface TaskChange {
  readonly tenant: string;
  readonly taskId: string;
  readonly revision: number;
}

export interface Store {
  readonly kind: 'embedded' | 'postgres';
  /** Runs `work` in a transaction of the tenant: committed when it resolves, rolled back when it throws. Never nest two. */
  inTenant<T>(tenant: string, work: (tx: TenantTx) => Promise<T>): Promise<T>;
  asSystem<T>(work: (tx: SystemTx) => Promise<T>): Promise<T>;
  /**
   * Calls `listener` after each committed projection of a task, of any process. Changes may be missed while a lost connection is
   * made anew: whoever waits for one must also poll. Gives a function that ends the subscription.
   */
  onTaskChanged(listener: (change: TaskChange) => void): () => void;
  /** Resolves when the store answers a query; rejects with the reason. */
  ping(): Promise<void>;
  /** Ends connections, the embedded store's thread and its lock. Safe to call twice. */
  close(): Promise<void>;
}

export type StoreLocation =
  | { readonly databaseUrl: string; readonly poolSize?: number }
  | { readonly directory: string }
  | { readonly memory: true };

export interface StoreOptions {
  /** Told of what the store survives by itself, such as a lost connection. Default: nobody. */
  readonly onWarning?: (message: string, cause: unknown) => void;
}

/** Opens the store and brings it to the newest migration. */
export declare function openStore(location: StoreLocation, options?: StoreOptions): Promise<Store>;
