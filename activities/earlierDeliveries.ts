import { type EffectRequest, canonicalJson, sha256Hex } from '../contracts/digest';
import type { DeliverRequest } from '../contracts/words/steps';
import type { Permit } from '../contracts/words/task';
import { markDeliveryBegun, readDeliveriesBegun } from '../store/deliveries';
import { type EffectRecord, readEffects } from '../store/effects';
import type { TenantTx } from '../store/store';
import type { StepDependencies } from './dependencies';
import { effectCall } from './effectCall';
import { effectDoneOtherwise, lookUpFailed } from './failures';

/** What earlier deliveries of a task, and earlier attempts of this one, are known to have done and may have done. */
export interface EarlierDeliveries {
  /** Effects on record. */
  readonly done: readonly EffectRecord[];
  /** Permits whose effects may have been done, by `permitKey`. */
  readonly begun: readonly string[];
}

export async function readEarlier(tx: TenantTx, taskId: string): Promise<EarlierDeliveries> {
  return { done: await readEffects(tx, taskId), begun: await readDeliveriesBegun(tx, taskId) };
}

/** Notes, before the first effect, that enough people approved and what has to be still true is so. */
export async function markBegun(
  { store, clock }: StepDependencies,
  { ref: { tenant, taskId }, permit }: DeliverRequest,
): Promise<void> {
  const begun = { taskId, permit: permitKey(permit), at: clock().toISOString() };
  await store.inTenant(tenant, (tx) => markDeliveryBegun(tx, begun));
}

/** Whether an attempt under this permit came as far as to its effects. */
export function hasBegun({ begun }: EarlierDeliveries, permit: Permit): boolean {
  return begun.includes(permitKey(permit));
}

/** Of one permit: what is approved again is another one. */
function permitKey({ digest, at }: Permit): string {
  return `${digest} ${at}`;
}

/** What was done for another draft can't be undone here: what is delivered has to say the same. */
export function requireSameEffects({ done }: EarlierDeliveries, effects: readonly EffectRequest[]): void {
  for (const { name, argumentsDigest } of done) {
    const asked = effects.find((effect) => effect.name === name);
    const isSame = asked && (argumentsDigest === null || argumentsDigest === argumentsDigestOf(asked));
    if (!isSame) throw effectDoneOtherwise(name);
  }
}

export function argumentsDigestOf(request: EffectRequest): string {
  return sha256Hex(canonicalJson(request.arguments));
}

/**
 * Whether an earlier attempt did something, under whatever permit; or may have done it under this one and there is no way to tell.
 */
export async function hasTakenEffect(
  dependencies: StepDependencies,
  { ref, permit }: DeliverRequest,
  { effects, earlier }: { readonly effects: readonly EffectRequest[]; readonly earlier: EarlierDeliveries },
): Promise<boolean> {
  if (earlier.done.length > 0) return true;
  const first = effects[0];
  if (earlier.begun.length === 0 || !first) return false;
  const { effect, environment } = effectCall(dependencies, ref, first.name);
  if (!effect?.wasDone) return hasBegun(earlier, permit);
  return effect.wasDone(first, environment).catch((error: unknown) => {
    throw lookUpFailed(error, first.name);
  });
}
