import { Context } from '@temporalio/activity';
import { type DraftContent, type EffectRequest, draftDigest } from '../contracts/digest';
import type { Submission } from '../contracts/submission';
import { FALLBACK_TEXT, INPUT_TEXT, effectKeyOf } from '../contracts/words/names';
import { REVIEW_POLICY_BEFORE } from '../contracts/words/policy';
import { decisionsOn, stillNeeded } from '../contracts/words/quorum';
import type { DeliverRequest, DeliverResult } from '../contracts/words/steps';
import type { Permit, TaskState } from '../contracts/words/task';
import { readEffects, recordEffect } from '../store/effects';
import { readPolicy } from '../store/policies';
import type { TenantTx } from '../store/store';
import type { TaskRow } from '../store/taskRow';
import { readTask } from '../store/tasks';
import { getTexts } from '../store/texts';
import { neededApprovals } from '../tasks/neededApprovals';
import type { ResolvedTask } from '../tasks/resolve';
import { beating } from './beating';
import { type StepDependencies, taskTypeOf } from './dependencies';
import { deliveryRefused, effectFailed } from './failures';
import { textOf } from './material';
import { requireStillTrue } from './stillTrue';

/**
 * Delivers exactly what the permit was given for. The digest is taken again from the stored text, and the permit is looked
 * for in the store; what doesn't match is refused for good. Each effect is done once, under the key of task and effect name.
 */
export function deliver(dependencies: StepDependencies, request: DeliverRequest): Promise<DeliverResult> {
  return beating(() => deliverPermitted(dependencies, request));
}

async function deliverPermitted(dependencies: StepDependencies, request: DeliverRequest): Promise<DeliverResult> {
  const { ref, permit } = request;
  const { content, input, task } = await read(dependencies, request);
  if (draftDigest(content, request.policyVersion) !== permit.digest) {
    throw deliveryRefused('permit_mismatch', 'the permit is for another digest than the stored draft has');
  }
  checkPermit(permit, task?.state ?? null);
  const taskType = taskTypeOf(dependencies, ref.type);
  const parsed = taskType.output.safeParse(content.output);
  if (!parsed.success) {
    throw deliveryRefused('output_invalid', 'the draft does not follow the output schema of its task type');
  }
  if (permit.kind === 'fallback') return { deliveredAt: dependencies.clock().toISOString(), effects: [] };
  const facts = { input: taskType.input.parse(input), output: parsed.data };
  if (permit.kind === 'decision') checkQuorum(taskType, { facts, task });
  await requireStillTrue(dependencies, request, { facts, effects: content.effects });
  const effects = await perform(dependencies, request, content.effects);
  return { deliveredAt: dependencies.clock().toISOString(), effects };
}

interface Delivered {
  readonly content: DraftContent;
  readonly input: unknown;
  readonly task: TaskRow | null;
}

/** The draft as it is stored, and what the store knows of the task, in one look. */
async function read(
  { store, keyring }: StepDependencies,
  { ref, draft, policyVersion }: DeliverRequest,
): Promise<Delivered> {
  return store.inTenant(ref.tenant, async (tx) => {
    const task = await readTask(tx, ref.taskId);
    if (draft.text === FALLBACK_TEXT) return { content: await fallbackOf(tx, policyVersion), input: null, task };
    const texts = await getTexts(tx, keyring, { taskId: ref.taskId, names: [draft.text, INPUT_TEXT] });
    const { input } = JSON.parse(textOf(texts, INPUT_TEXT)) as Submission;
    return { content: JSON.parse(textOf(texts, draft.text)) as DraftContent, input, task };
  });
}

async function fallbackOf(tx: TenantTx, policyVersion: string): Promise<DraftContent> {
  const policy = await readPolicy(tx, policyVersion);
  if (!policy) throw new Error(`the policy ${policyVersion} is not in the store`);
  return { output: policy.fallback, effects: [] };
}

/** A permit that isn't recorded yet is waited for (the activity is tried again); one that says something else is refused. */
function checkPermit(permit: Permit, state: TaskState | null): void {
  if (!state?.permit) throw new Error('the permit is not recorded yet');
  const isSame =
    state.permit.digest === permit.digest && state.permit.kind === permit.kind && state.permit.by === permit.by;
  if (!isSame || !isFounded(permit, state))
    throw deliveryRefused('permit_unfounded', 'nothing in the store allows this delivery');
}

/** Whether what the permit says it comes from did happen. */
function isFounded(permit: Permit, state: TaskState): boolean {
  const round = state.review?.rounds.at(-1);
  if (permit.kind === 'decision')
    return round?.decision?.permitDigest === permit.digest && round.decision.by === permit.by;
  if (permit.kind === 'fallback') return state.review?.closedBy === 'timeout' && round?.decision === null;
  return state.reasons.length === 0 && state.review === null;
}

/**
 * Whether enough people approved, by the rules as they are now and with the amounts as they are stored. The submitter is none of
 * them. Where it is not enough, the task goes back to people with what is needed.
 */
function checkQuorum(
  taskType: ResolvedTask,
  {
    facts,
    task,
  }: { readonly facts: { readonly input: unknown; readonly output: unknown }; readonly task: TaskRow | null },
): void {
  const round = task?.state?.review?.rounds.at(-1);
  const byPolicy = round?.needed ?? REVIEW_POLICY_BEFORE.approvals;
  const needed = neededApprovals(taskType, facts) ?? byPolicy;
  const counted = (round ? decisionsOn(round) : []).filter(
    ({ by, permitDigest }) => by !== task?.submitter && permitDigest === round?.decision?.permitDigest,
  );
  if (stillNeeded(needed, counted).approvals > 0) {
    throw deliveryRefused('quorum_missing', 'fewer people approved than the content needs', needed);
  }
}

async function perform(
  dependencies: StepDependencies,
  { ref }: DeliverRequest,
  requests: readonly EffectRequest[],
): Promise<DeliverResult['effects']> {
  if (requests.length === 0) return [];
  const known = await dependencies.store.inTenant(ref.tenant, (tx) => readEffects(tx, ref.taskId));
  const results: { name: string; result: 'done' | 'done_before' }[] = [];
  for (const request of requests) {
    const before = known.find(({ name }) => name === request.name);
    const result = before ? 'done_before' : await performOne(dependencies, ref, request);
    results.push({ name: request.name, result });
  }
  return results;
}

async function performOne(dependencies: StepDependencies, ref: DeliverRequest['ref'], request: EffectRequest) {
  const effect = taskTypeOf(dependencies, ref.type).effects.find(({ name }) => name === request.name);
  if (!effect)
    throw deliveryRefused('effect_unknown', 'the task type does not declare an effect that the draft asks for');
  const idempotencyKey = effectKeyOf(ref.taskId, request.name);
  const { baseUrls, store, clock } = dependencies;
  const signal = Context.current().cancellationSignal;
  const result = await effect.perform(request, { baseUrls, signal, idempotencyKey }).catch((error: unknown) => {
    throw effectFailed(error);
  });
  const record = { name: request.name, idempotencyKey, result, at: clock().toISOString() };
  await store.inTenant(ref.tenant, (tx) => recordEffect(tx, ref.taskId, record));
  return result;
}
