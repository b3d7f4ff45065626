import type { TenantTx } from './store';

export interface DeliveryBegun {
  readonly taskId: string;
  /** Which permit: its digest, and when it was given. */
  readonly permit: string;
  readonly at: string;
}

/** Notes, before the first effect, that what a delivery needs was so. The first time stays. */
export async function markDeliveryBegun(tx: TenantTx, begun: DeliveryBegun): Promise<void> {
  await tx.db
    .insertInto('deliveriesBegun')
    .values({ tenant: tx.tenant, ...begun })
    .onConflict((conflict) => conflict.columns(['tenant', 'taskId', 'permit']).doNothing())
    .execute();
}

/** The permits of a task whose effects may have been done. */
export async function readDeliveriesBegun(tx: TenantTx, taskId: string): Promise<readonly string[]> {
  const rows = await tx.db
    .selectFrom('deliveriesBegun')
    .select('permit')
    .where('tenant', '=', tx.tenant)
    .where('taskId', '=', taskId)
    .execute();
  return rows.map(({ permit }) => permit);
}
