import { type Kysely, sql } from 'kysely';
import type { Store } from '../../store/store';

type AnyTables = Record<string, Record<string, unknown>>;

/** What someone with the database's own rights can do, past all that the store allows. */
export function asOwner<T>(store: Store, tenant: string, work: (db: Kysely<AnyTables>) => Promise<T>): Promise<T> {
  return store.inTenant(tenant, async (tx) => {
    const db = tx.db as unknown as Kysely<AnyTables>;
    await sql`reset role`.execute(db);
    return work(db);
  });
}
