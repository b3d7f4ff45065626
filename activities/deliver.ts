import { type DraftContent, type EffectRequest, draftDigest } from '../contracts/digest';
import type { Submission } from '../contracts/submission';
import { FALLBACK_TEXT, INPUT_TEXT } from '../contracts/words/names';
import { type PolicySnapshot, REVIEW_POLICY_BEFORE } from '../contracts/words/policy';
import { decisionsOn, neededOf, stillNeeded } from '../contracts/words/quorum';
import type { DeliverRequest, DeliverResult } from '../contracts/words/steps';
import type { Permit, TaskState } from '../contracts/words/task';
import { recordEffect } from '../store/effects';
import { readPolicy } from '../store/policies';
import type { TaskRow } from '../store/taskRow';
import { readTask } from '../store/tasks';
import { getTexts } from '../store/texts';
import { neededApprovals } from '../tasks/neededApprovals';
import type { ResolvedTask } from '../tasks/resolve';
import { beating } from './beating';
import { type StepDependencies, taskTypeOf } from './dependencies';
import { effectCall } from './effectCall';
import {
  type EarlierDeliveries,
  argumentsDigestOf,
  hasBegun,
  hasTakenEffect,
  markBegun,
  readEarlier,
  requireSameEffects,
} from './earlierDeliveries';
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
  const delivered = await read(dependencies, request);
  const { content, task, earlier } = delivered;
  if (draftDigest(content, request.policyVersion) !== permit.digest) {
    throw deliveryRefused('permit_mismatch', 'the permit is for another digest than the stored draft has');
  }
  checkPermit(permit, task?.state ?? null);
  if (permit.kind === 'fallback') {
    outputOf(taskTypeOf(dependencies, ref.type), content);
    return { deliveredAt: dependencies.clock().toISOString(), effects: [] };
  }
  requireSameEffects(earlier, content.effects);
  await requireReady(dependencies, request, delivered);
  const effects = await perform(dependencies, request, delivered);
  return { deliveredAt: dependencies.clock().toISOString(), effects };
}

/**
 * Whether it may be delivered, by the rules and the world as they are now. A delivery that has taken effect is finished, not judged
 * anew: a refusal would leave what was done to be declined, and its own effect may be what has changed.
 */
async function requireReady(
  dependencies: StepDependencies,
  request: DeliverRequest,
  { content, input, task, policy, earlier }: Delivered,
): Promise<void> {
  const { effects } = content;
  const hasEffect = await hasTakenEffect(dependencies, request, { effects, earlier });
  if (hasEffect && hasBegun(earlier, request.permit)) return;
  const taskType = taskTypeOf(dependencies, request.ref.type);
  const facts = { input: inputOf(taskType, input), output: outputOf(taskType, content) };
  if (request.permit.kind === 'decision') checkQuorum(taskType, { facts, task, policy });
  if (!hasEffect) await requireStillTrue(dependencies, request, { facts, effects, policy });
  if (effects.length > 0) await markBegun(dependencies, request);
}

interface Delivered {
  readonly content: DraftContent;
  readonly input: unknown;
  readonly task: TaskRow | null;
  /** What the task was accepted with. */
  readonly policy: PolicySnapshot;
  readonly earlier: EarlierDeliveries;
}

/** The draft as it is stored, and what the store knows of the task, in one look. */
async function read(
  { store, keyring }: StepDependencies,
  { ref: { tenant, taskId }, draft, policyVersion }: DeliverRequest,
): Promise<Delivered> {
  return store.inTenant(tenant, async (tx) => {
    const kept = await readPolicy(tx, policyVersion);
    if (!kept) throw new Error(`the policy ${policyVersion} is not in the store`);
    const task = await readTask(tx, taskId);
    const known = { task, policy: kept.snapshot, earlier: await readEarlier(tx, taskId) };
    if (draft.text === FALLBACK_TEXT) return { ...known, content: { output: kept.fallback, effects: [] }, input: null };
    const texts = await getTexts(tx, keyring, { taskId, names: [draft.text, INPUT_TEXT] });
    const { input } = JSON.parse(textOf(texts, INPUT_TEXT)) as Submission;
    return { ...known, content: JSON.parse(textOf(texts, draft.text)) as DraftContent, input };
  });
}

function outputOf({ output }: ResolvedTask, content: DraftContent): unknown {
  const parsed = output.safeParse(content.output);
  if (parsed.success) return parsed.data;
  throw deliveryRefused('output_invalid', 'the draft does not follow the output schema of its task type');
}

/** A task type may have become stricter about its input since the task was accepted. */
function inputOf(taskType: ResolvedTask, input: unknown): unknown {
  const parsed = taskType.input.safeParse(input);
  if (parsed.success) return parsed.data;
  throw deliveryRefused('input_invalid', 'the input does not follow the input schema of its task type any more');
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

interface Counted {
  readonly facts: { readonly input: unknown; readonly output: unknown };
  readonly task: TaskRow | null;
  readonly policy: PolicySnapshot;
}

/**
 * Whether enough people approved, by the rules as they are now and with the amounts as they are stored. The submitter is none of
 * them. Where it is not enough, the task goes back to people with what is needed. Where no rule asks for more by now, it takes what
 * the decision was made under: of a correction, what its own content needed.
 */
function checkQuorum(taskType: ResolvedTask, { facts, task, policy }: Counted): void {
  const round = task?.state?.review?.rounds.at(-1);
  const decision = round?.decision ?? null;
  const made = (decision?.action === 'correct' ? decision : round) ?? {};
  const needed = neededApprovals(taskType, facts) ?? neededOf(made, { ...REVIEW_POLICY_BEFORE, ...policy.review });
  const counted = (round ? decisionsOn(round) : []).filter(
    ({ by, permitDigest }) => by !== task?.submitter && permitDigest === decision?.permitDigest,
  );
  if (stillNeeded(needed, counted).approvals > 0) {
    throw deliveryRefused('quorum_missing', 'fewer people approved than the content needs', needed);
  }
}

async function perform(
  dependencies: StepDependencies,
  { ref }: DeliverRequest,
  { content, earlier }: Delivered,
): Promise<DeliverResult['effects']> {
  const results: { name: string; result: 'done' | 'done_before' }[] = [];
  for (const request of content.effects) {
    const before = earlier.done.find(({ name }) => name === request.name);
    const result = before ? 'done_before' : await performOne(dependencies, ref, request);
    results.push({ name: request.name, result });
  }
  return results;
}

async function performOne(dependencies: StepDependencies, ref: DeliverRequest['ref'], request: EffectRequest) {
  const { name } = request;
  const { effect, environment } = effectCall(dependencies, ref, name);
  if (!effect)
    throw deliveryRefused('effect_unknown', 'the task type does not declare an effect that the draft asks for');
  const { store, clock } = dependencies;
  const result = await effect.perform(request, environment).catch((error: unknown) => {
    throw effectFailed(error, name);
  });
  const argumentsDigest = argumentsDigestOf(request);
  const { idempotencyKey } = environment;
  const record = { name, idempotencyKey, argumentsDigest, result, at: clock().toISOString() };
  await store.inTenant(ref.tenant, (tx) => recordEffect(tx, ref.taskId, record));
  return result;
}
