import type { CancellationScope } from '@temporalio/workflow';
import { ApplicationFailure, defineSignal, defineQuery, defineUpdate, setHandler } from '@temporalio/workflow';
import {
  CANCEL_UPDATE,
  CLAIM_UPDATE,
  DECIDE_SIGNAL,
  DECIDE_UPDATE,
  EXTEND_UPDATE,
  RELEASE_UPDATE,
  STATE_QUERY,
  type CancelRequest,
  type ClaimRequest,
  type ClaimResult,
  type DecisionRequest,
  type DecisionResult,
  type ReleaseRequest,
} from '../contracts/words/review';
import type { DecisionRecord, TaskState } from '../contracts/words/task';
import { local } from './proxies';
import { now, type TaskRun } from './taskRun';
import {
  currentRound,
  liveClaim,
  refuseCancellation,
  refuseClaim,
  refuseDecision,
  refuseHold,
  type Refusal,
  type Situation,
} from './verdict';

const claimUpdate = defineUpdate<ClaimResult, [ClaimRequest]>(CLAIM_UPDATE);
const extendUpdate = defineUpdate<ClaimResult, [ClaimRequest]>(EXTEND_UPDATE);
const releaseUpdate = defineUpdate<void, [ReleaseRequest]>(RELEASE_UPDATE);
const decideUpdate = defineUpdate<DecisionResult, [DecisionRequest]>(DECIDE_UPDATE);
const cancelUpdate = defineUpdate<void, [CancelRequest]>(CANCEL_UPDATE);
const decideSignal = defineSignal<[unknown]>(DECIDE_SIGNAL);
const stateQuery = defineQuery<TaskState>(STATE_QUERY);

/**
 * Lets people claim, decide and cancel. The validators are synchronous: whoever may not is refused before anything is
 * written. Each handler asks again, since several Updates may have been let in together, and changes the state before
 * its first await: of two decisions one takes effect, and the other is told.
 */
export function hearPeople(run: TaskRun, work: CancellationScope): void {
  setHandler(stateQuery, () => run.state);
  setHandler(claimUpdate, (request) => claim(run, request), {
    validator: ({ actor }) => throwRefusal(refuseClaim(situationOf(run), actor)),
  });
  setHandler(extendUpdate, (request) => extend(run, request), {
    validator: ({ actor }) => throwRefusal(refuseHold(situationOf(run), actor)),
  });
  setHandler(releaseUpdate, (request) => release(run, request), {
    validator: ({ actor }) => throwRefusal(refuseHold(situationOf(run), actor)),
  });
  setHandler(decideUpdate, (request) => decide(run, request, 'http'), {
    validator: (request) => throwRefusal(refuseDecision(situationOf(run), request)),
  });
  setHandler(cancelUpdate, (request) => cancel(run, request, work), {
    validator: (_request) => throwRefusal(refuseCancellation(situationOf(run))),
  });
  setHandler(decideSignal, (token) => decideBySignal(run, token));
}

async function claim(run: TaskRun, { actor, leaseSeconds }: ClaimRequest): Promise<ClaimResult> {
  throwRefusal(refuseClaim(situationOf(run), actor));
  const since = liveClaim(situationOf(run))?.since ?? now();
  const result = hold(run, { by: actor.id, since, leaseSeconds });
  run.audit('claimed', { actor: actor.id, facts: { until: result.until } });
  await run.save();
  return result;
}

async function extend(run: TaskRun, { actor, leaseSeconds }: ClaimRequest): Promise<ClaimResult> {
  throwRefusal(refuseHold(situationOf(run), actor));
  const result = hold(run, { by: actor.id, since: liveClaim(situationOf(run))?.since ?? now(), leaseSeconds });
  await run.save();
  return result;
}

async function release(run: TaskRun, { actor }: ReleaseRequest): Promise<void> {
  throwRefusal(refuseHold(situationOf(run), actor));
  run.changeReview({ claim: null, status: 'open' });
  run.audit('released', { actor: actor.id, facts: {} });
  await run.save();
}

async function decide(
  run: TaskRun,
  request: DecisionRequest,
  surface: DecisionRecord['surface'],
): Promise<DecisionResult> {
  throwRefusal(refuseDecision(situationOf(run), request));
  const record = takeDecision(run, request, surface);
  await run.save();
  return record;
}

async function cancel(run: TaskRun, { actor, reason }: CancelRequest, work: CancellationScope): Promise<void> {
  throwRefusal(refuseCancellation(situationOf(run)));
  run.audit('cancel_requested', { actor: actor.id, facts: { reason } });
  work.cancel();
}

/** A signal can't be answered, so what is wrong with it is recorded instead of thrown. */
async function decideBySignal(run: TaskRun, token: unknown): Promise<void> {
  const verified = typeof token === 'string' ? await local.verifyDecisionToken(run.ref, token) : null;
  if (!verified?.isValid)
    return refuseSignal(run, { actor: 'unknown', code: 'token_invalid', why: verified?.why ?? 'malformed' });
  const { request } = verified;
  const refusal = refuseDecision(situationOf(run), request);
  if (refusal) return refuseSignal(run, { actor: request.actor.id, code: refusal.code, why: 'refused' });
  await decide(run, request, 'signal');
}

async function refuseSignal(
  run: TaskRun,
  { actor, code, why }: { actor: string; code: string; why: string },
): Promise<void> {
  run.audit('decision_refused', { actor, facts: { code, why, surface: 'signal' } });
  run.change({});
  await run.save();
}

function takeDecision(run: TaskRun, request: DecisionRequest, surface: DecisionRecord['surface']): DecisionRecord {
  const { review } = run.state;
  if (review === null) throw new TypeError('a decision was let in without a review');
  const round = currentRound(review);
  const record: DecisionRecord = {
    id: request.id,
    action: request.action,
    by: request.actor.id,
    at: now(),
    round: round.round,
    digest: request.digest,
    permitDigest: permitDigestOf(request),
    output: request.output?.text ?? null,
    guidance: request.guidance,
    note: request.note,
    reasonCode: request.reasonCode,
    correctionKind: request.correctionKind,
    humanSeconds: secondsOfWork(run, round.openedAt),
    surface,
  };
  run.change({ status: 'running' });
  run.changeReview({
    rounds: [...review.rounds.slice(0, -1), { ...round, decision: record }],
    claim: null,
    status: afterDecision(request),
  });
  run.addCost({ modelMicroUsd: 0, humanSeconds: record.humanSeconds });
  const { action, round: number, digest, permitDigest, humanSeconds } = record;
  run.audit('decided', {
    actor: record.by,
    facts: { action, round: number, digest, permitDigest, humanSeconds, surface },
  });
  return record;
}

function afterDecision({ action }: DecisionRequest): 'revising' | 'closed' {
  return action === 'revise' ? 'revising' : 'closed';
}

function permitDigestOf(request: DecisionRequest): string | null {
  if (request.action === 'approve') return request.digest;
  return request.action === 'correct' ? (request.output?.digest ?? null) : null;
}

/** From the claim to now; where nobody claimed it, from the opening of the round, at most one lease. */
function secondsOfWork(run: TaskRun, openedAt: string): number {
  const claimed = liveClaim(situationOf(run));
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(claimed?.since ?? openedAt)) / 1000));
  return claimed ? seconds : Math.min(seconds, run.policy.review.leaseSeconds);
}

function hold(
  run: TaskRun,
  { by, since, leaseSeconds }: { by: string; since: string; leaseSeconds: number | null },
): ClaimResult {
  const seconds = leaseSeconds ?? run.policy.review.leaseSeconds;
  const result: ClaimResult = { by, since, until: new Date(Date.now() + seconds * 1000).toISOString() };
  run.changeReview({ claim: result, status: 'claimed' });
  return result;
}

function situationOf(run: TaskRun): Situation {
  const { state, isDelivering } = run;
  return { state, isDelivering, maxRounds: run.policy.review.maxRounds, nowMs: Date.now() };
}

function throwRefusal(refusal: Refusal | null): void {
  if (refusal === null) return;
  throw ApplicationFailure.create({
    message: refusal.code,
    type: refusal.code,
    nonRetryable: true,
    details: [refusal.details],
  });
}
