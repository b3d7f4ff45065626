import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { EffectRequest, JsonValue } from '../contracts/digest';
import { effectKeyOf } from '../contracts/words/names';
import type { ChangedSinceApproval, DeliverRequest } from '../contracts/words/steps';
import type { Evidence, GatheredContext, Permit } from '../contracts/words/task';
import { markDeliveryBegun, readDeliveryBegun } from '../store/deliveries';
import { readEffects } from '../store/effects';
import type { Precondition } from '../tasks/define';
import type { ResolvedTask } from '../tasks/resolve';
import { type StepDependencies, taskTypeOf } from './dependencies';
import { deliveryRefused, lookUpFailed } from './failures';
import { gather } from './gather';
import { readTexts, textOf } from './material';

/** From this attempt on, a system that can't be asked sends the task to a person instead of being waited for. */
const LAST_ATTEMPT = 6;

interface Facts {
  readonly input: unknown;
  readonly output: unknown;
}

interface Asked {
  readonly facts: Facts;
  readonly effects: readonly EffectRequest[];
}

/**
 * Looks whether what has to be still true is so, with what the other systems say now, before the first effect. Throws the refusal
 * `changed_since_approval` with the difference. A delivery that had begun already is finished, not judged anew: its own effect may
 * be what has changed.
 */
export async function requireStillTrue(
  dependencies: StepDependencies,
  request: DeliverRequest,
  asked: Asked,
): Promise<void> {
  const taskType = taskTypeOf(dependencies, request.ref.type);
  if (taskType.stillTrue.length === 0 || (await hasTakenEffect(dependencies, request, asked.effects))) return;
  const contexts = await readAnew(dependencies, request, taskType);
  const failed = await failedOf(dependencies, request, { taskType, facts: asked.facts, contexts });
  if (failed.length > 0) {
    const changed: ChangedSinceApproval = { failed, contexts };
    throw deliveryRefused('changed_since_approval', 'what has to be still true at delivery is not', changed);
  }
  const { store, clock } = dependencies;
  const begun = { taskId: request.ref.taskId, permit: permitKey(request.permit), at: clock().toISOString() };
  await store.inTenant(request.ref.tenant, (tx) => markDeliveryBegun(tx, begun));
}

/** Whether an earlier attempt did something, or may have done it and there is no way to tell. */
async function hasTakenEffect(
  dependencies: StepDependencies,
  { ref, permit }: DeliverRequest,
  effects: readonly EffectRequest[],
): Promise<boolean> {
  const { done, isBegun } = await dependencies.store.inTenant(ref.tenant, async (tx) => ({
    done: await readEffects(tx, ref.taskId),
    isBegun: await readDeliveryBegun(tx, { taskId: ref.taskId, permit: permitKey(permit) }),
  }));
  if (done.length > 0) return true;
  const first = effects[0];
  if (!isBegun || !first) return false;
  const effect = taskTypeOf(dependencies, ref.type).effects.find(({ name }) => name === first.name);
  if (!effect?.wasDone) return true;
  const { baseUrls } = dependencies;
  const signal = Context.current().cancellationSignal;
  const environment = { baseUrls, signal, idempotencyKey: effectKeyOf(ref.taskId, first.name) };
  return effect.wasDone(first, environment).catch((error: unknown) => {
    throw lookUpFailed(error);
  });
}

/** Of one permit: what is approved again is looked at again. */
function permitKey({ digest, at }: Permit): string {
  return `${digest} ${at}`;
}

async function readAnew(
  dependencies: StepDependencies,
  { ref }: DeliverRequest,
  { stillTrue, context }: ResolvedTask,
): Promise<readonly GatheredContext[]> {
  const names = new Set(stillTrue.flatMap(({ integrations }) => integrations));
  const wanted = context.filter(({ name }) => names.has(name));
  const read = async ({ name, isRequired, timeoutSeconds, maxAttempts }: (typeof wanted)[number]) => {
    const integration = { name, isRequired, timeoutSeconds, maxAttempts };
    return gather(dependencies, { ref, integration }).catch((error: unknown) => {
      const isFinal = error instanceof ApplicationFailure && error.nonRetryable === true;
      if (!isFinal && Context.current().info.attempt < LAST_ATTEMPT) throw error;
      throw deliveryRefused('context_unavailable', 'a system that has to be asked before delivery can not be');
    });
  };
  return Promise.all(wanted.map(read));
}

interface Comparison {
  readonly taskType: ResolvedTask;
  readonly facts: Facts;
  readonly contexts: readonly GatheredContext[];
}

async function failedOf(
  dependencies: StepDependencies,
  { ref, contexts: before = [] }: DeliverRequest,
  { taskType, facts, contexts }: Comparison,
): Promise<ChangedSinceApproval['failed']> {
  const texts = await readTexts(
    dependencies,
    ref,
    [...before, ...contexts].map(({ text }) => text),
  );
  const then = contentsOf(before, texts);
  const now = contentsOf(contexts, texts);
  return taskType.stillTrue.flatMap((precondition) => {
    const { holds, evidence } = check(precondition, { ...facts, then, now });
    return holds ? [] : [{ name: precondition.name, evidence }];
  });
}

function contentsOf(
  contexts: readonly GatheredContext[],
  texts: Readonly<Record<string, string>>,
): Readonly<Record<string, JsonValue>> {
  return Object.fromEntries(
    contexts.flatMap(({ integration, text }) =>
      text === null ? [] : [[integration, JSON.parse(textOf(texts, text)) as JsonValue]],
    ),
  );
}

/** What can't be seen, or can't be judged, is not taken for true. */
function check(
  { integrations, check: judge }: Precondition<unknown, unknown>,
  facts: Facts & {
    readonly then: Readonly<Record<string, JsonValue>>;
    readonly now: Readonly<Record<string, JsonValue>>;
  },
): { readonly holds: boolean; readonly evidence: Evidence } {
  const unseen = integrations.filter((name) => !(name in facts.now));
  if (unseen.length > 0) return { holds: false, evidence: { unavailable: unseen } };
  try {
    return judge(facts);
  } catch {
    return { holds: false, evidence: { failure: 'check_threw' } };
  }
}
