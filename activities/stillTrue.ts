import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { EffectRequest, JsonValue } from '../contracts/digest';
import type { PolicySnapshot } from '../contracts/words/policy';
import type { ChangedSinceApproval, DeliverRequest } from '../contracts/words/steps';
import type { Evidence, GatheredContext } from '../contracts/words/task';
import type { Precondition } from '../tasks/define';
import type { ResolvedTask } from '../tasks/resolve';
import { type StepDependencies, taskTypeOf } from './dependencies';
import { hasTakenEffect, readEarlier } from './earlierDeliveries';
import { deliveryRefused } from './failures';
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
  /** The policy that the task was accepted with. */
  readonly policy: Pick<PolicySnapshot, 'stillTrue'>;
}

/**
 * Looks whether what has to be still true is so, with what the other systems say now, before the first effect. Throws the refusal
 * `changed_since_approval` with the difference. A task is held to what its policy names: of what was added since, nobody knows what
 * it was like before.
 */
export async function requireStillTrue(
  dependencies: StepDependencies,
  request: DeliverRequest,
  { facts, effects, policy }: Asked,
): Promise<void> {
  const taskType = taskTypeOf(dependencies, request.ref.type);
  const preconditions = taskType.stillTrue.filter(({ name }) => policy.stillTrue?.includes(name));
  if (preconditions.length === 0) return;
  const contexts = await readAnew(dependencies, request, { preconditions, context: taskType.context });
  const failed = await failedOf(dependencies, request, { preconditions, facts, contexts });
  if (failed.length === 0) return;
  // An effect that was under way when it was asked for may be what has changed.
  const { tenant, taskId } = request.ref;
  const earlier = await dependencies.store.inTenant(tenant, (tx) => readEarlier(tx, taskId));
  if (await hasTakenEffect(dependencies, request, { effects, earlier })) return;
  const changed: ChangedSinceApproval = { failed, contexts };
  throw deliveryRefused('changed_since_approval', 'what has to be still true at delivery is not', changed);
}

type Preconditions = readonly Precondition<unknown, unknown>[];

async function readAnew(
  dependencies: StepDependencies,
  { ref }: DeliverRequest,
  { preconditions, context }: Pick<ResolvedTask, 'context'> & { readonly preconditions: Preconditions },
): Promise<readonly GatheredContext[]> {
  const names = new Set(preconditions.flatMap(({ integrations }) => integrations));
  const wanted = context.filter(({ name }) => names.has(name));
  const read = async ({ name, isRequired, timeoutSeconds, maxAttempts }: (typeof wanted)[number]) => {
    const integration = { name, isRequired, timeoutSeconds, maxAttempts };
    return gather(dependencies, { ref, integration }).catch((error: unknown) => {
      const isFinal = error instanceof ApplicationFailure && error.nonRetryable === true;
      if (!isFinal && Context.current().info.attempt < LAST_ATTEMPT) throw error;
      const cause = error instanceof ApplicationFailure ? (error.type ?? 'failed') : 'failed';
      throw deliveryRefused('context_unavailable', 'a system that has to be asked before delivery can not be', {
        integration: name,
        cause,
      });
    });
  };
  return Promise.all(wanted.map(read));
}

interface Comparison {
  readonly preconditions: Preconditions;
  readonly facts: Facts;
  readonly contexts: readonly GatheredContext[];
}

async function failedOf(
  dependencies: StepDependencies,
  { ref, contexts: before = [] }: DeliverRequest,
  { preconditions, facts, contexts }: Comparison,
): Promise<ChangedSinceApproval['failed']> {
  const texts = await readTexts(
    dependencies,
    ref,
    [...before, ...contexts].map(({ text }) => text),
  );
  const then = contentsOf(before, texts);
  const now = contentsOf(contexts, texts);
  return preconditions.flatMap((precondition) => {
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
