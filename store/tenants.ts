import type { SystemTx } from './store';

export interface Tenant {
  /** 1 to 40 lower-case letters, digits and hyphens. */
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
}

/** Makes the tenant where there is none of this id. */
export async function ensureTenant(tx: SystemTx, tenant: Tenant): Promise<void> {
  await tx.db
    .insertInto('tenants')
    .values({ id: tenant.id, name: tenant.name, createdAt: tenant.createdAt })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

/** All, by id. */
export function listTenants(tx: SystemTx): Promise<readonly Tenant[]> {
  return tx.db.selectFrom('tenants').select(['id', 'name', 'createdAt']).orderBy('id').execute();
}
