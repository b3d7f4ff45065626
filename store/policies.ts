import type { Kysely } from 'kysely';
import type { JsonValue } from '../contracts/digest';
import type { PolicySnapshot } from '../contracts/words/policy';
import type { TenantTables } from './schema';
import type { SystemTx, TenantTx } from './store';

export interface StoredPolicy {
  readonly snapshot: PolicySnapshot;
  /** The constant output of the declared fallback; null where the task type has none. */
  readonly fallback: JsonValue;
}

/** Keeps a policy under its version; one that is there stays as it is, since equal versions are equal policies. */
export async function savePolicy(tx: SystemTx | TenantTx, { snapshot, fallback }: StoredPolicy): Promise<void> {
  await policiesOf(tx)
    .insertInto('policies')
    .values({
      version: snapshot.version,
      type: snapshot.type,
      typeVersion: snapshot.typeVersion,
      snapshot: JSON.stringify(snapshot),
      fallback: fallback === null ? null : JSON.stringify(fallback),
    })
    .onConflict((conflict) => conflict.column('version').doNothing())
    .execute();
}

export async function readPolicy(tx: SystemTx | TenantTx, version: string): Promise<StoredPolicy | null> {
  const row = await policiesOf(tx)
    .selectFrom('policies')
    .select(['snapshot', 'fallback'])
    .where('version', '=', version)
    .executeTakeFirst();
  return row ?? null;
}

/** Both kinds of transaction reach the policies: they belong to the installation. */
function policiesOf(tx: SystemTx | TenantTx): Kysely<Pick<TenantTables, 'policies'>> {
  // A union of two Kysely types can't be called; what is shared of both can.
  return tx.db as unknown as Kysely<Pick<TenantTables, 'policies'>>;
}
