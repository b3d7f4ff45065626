import type { TenantTx } from './store';

/** What delivery did to the outside world. */
export interface EffectRecord {
  readonly name: string;
  readonly idempotencyKey: string;
  /** Of what it was called with. Null: recorded before it was noted. */
  readonly argumentsDigest: string | null;
  readonly result: 'done' | 'done_before';
  readonly at: string;
}

/** Keeps the first record of an effect of a task. */
export async function recordEffect(tx: TenantTx, taskId: string, effect: EffectRecord): Promise<void> {
  const { name, idempotencyKey, argumentsDigest, result, at } = effect;
  await tx.db
    .insertInto('effects')
    .values({ tenant: tx.tenant, taskId, name, idempotencyKey, argumentsDigest, result, at })
    .onConflict((conflict) => conflict.columns(['tenant', 'taskId', 'name']).doNothing())
    .execute();
}

/** In the order they were done. */
export function readEffects(tx: TenantTx, taskId: string): Promise<readonly EffectRecord[]> {
  return tx.db
    .selectFrom('effects')
    .select(['name', 'idempotencyKey', 'argumentsDigest', 'result', 'at'])
    .where('tenant', '=', tx.tenant)
    .where('taskId', '=', taskId)
    .orderBy('at')
    .orderBy('name')
    .execute();
}
