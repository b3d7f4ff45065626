import type { TenantTx } from './store';

export interface DeliveryKey {
  readonly taskId: string;
  /** Which permit: its digest, and when it was given. */
  readonly permit: string;
}

/** Notes, before the first effect, that what has to be still true was so. The first time stays. */
export async function markDeliveryBegun(tx: TenantTx, begun: DeliveryKey & { readonly at: string }): Promise<void> {
  await tx.db
    .insertInto('deliveriesBegun')
    .values({ tenant: tx.tenant, ...begun })
    .onConflict((conflict) => conflict.columns(['tenant', 'taskId', 'permit']).doNothing())
    .execute();
}

/** Whether an earlier attempt to deliver this may have done something. */
export async function readDeliveryBegun(tx: TenantTx, { taskId, permit }: DeliveryKey): Promise<boolean> {
  const row = await tx.db
    .selectFrom('deliveriesBegun')
    .select('at')
    .where('tenant', '=', tx.tenant)
    .where('taskId', '=', taskId)
    .where('permit', '=', permit)
    .executeTakeFirst();
  return row !== undefined;
}
