import type { TenantTx } from './store';

export interface EffectRecord {
  readonly name: string;
  readonly idempotencyKey: string;
  readonly result: 'done' | 'done_before';
  readonly at: string;
}

/** Keeps the first record of an effect of a task; gives back the one that is kept. */
export declare function recordEffect(tx: TenantTx, taskId: string, effect: EffectRecord): Promise<EffectRecord>;

export declare function readEffects(tx: TenantTx, taskId: string): Promise<readonly EffectRecord[]>;
