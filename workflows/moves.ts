import type {
  AnswerRequest,
  AskRequest,
  AssignRequest,
  ClaimRequest,
  DecisionRequest,
  UndoRequest,
} from '../contracts/words/review';
import type { Claim, DecisionRecord, Evidence, Question, ReviewState, Round, TaskState } from '../contracts/words/task';
import type { Surface } from '../contracts/words/vocabulary';
import { openQuestion } from '../contracts/words/question';
import { neededOf, stillNeeded } from '../contracts/words/quorum';
import { currentRound, isApprover, liveClaim, reviewOf, type Situation } from './verdict';

/** What a person did, as a change of the state and an entry for the audit trail. Pure: who may do it is asked of the verdict before. */
export interface Move<Result> {
  readonly changes: Partial<Pick<TaskState, 'status' | 'review' | 'answers'>>;
  readonly event: { readonly kind: string; readonly actor: string; readonly facts: Evidence };
  readonly humanSeconds: number;
  readonly result: Result;
}

export function claimMove(situation: Situation, { actor, leaseSeconds }: ClaimRequest): Move<Claim> {
  const since = liveClaim(situation)?.since ?? timeOf(situation);
  const claim = { by: actor.id, since, until: leaseEnd(situation, leaseSeconds) };
  return holdMove(situation, { kind: 'claimed', actor: actor.id, claim });
}

export function extendMove(situation: Situation, { actor, leaseSeconds }: ClaimRequest): Move<Claim> {
  const held = liveClaim(situation);
  const claim = { by: actor.id, since: timeOf(situation), ...held, until: leaseEnd(situation, leaseSeconds) };
  return holdMove(situation, { kind: 'extended', actor: actor.id, claim });
}

export function assignMove(situation: Situation, { actor, to, leaseSeconds }: AssignRequest): Move<Claim> {
  const claim = { by: to, since: timeOf(situation), until: leaseEnd(situation, leaseSeconds), assignedBy: actor.id };
  return holdMove(situation, { kind: 'assigned', actor: actor.id, claim });
}

export function releaseMove(situation: Situation, actorId: string): Move<void> {
  const review = reviewOf(situation);
  const released: ReviewState = { ...review, claim: null, status: restingStatus(review, null) };
  return move({ review: released }, { kind: 'released', actor: actorId, facts: { of: review.claim?.by ?? null } });
}

/** An approval that is not enough waits for others'; every other decision ends the round. */
export function decideMove(situation: Situation, request: DecisionRequest): Move<DecisionRecord> {
  const review = reviewOf(situation);
  const round = currentRound(review);
  const record = recordOf(situation, request);
  const missing =
    request.action === 'approve'
      ? stillNeeded(neededOf(round, situation.policy), [...(round.approvals ?? []), record]).approvals
      : 0;
  return missing > 0 ? waitForOthers(situation, { ...record, missing }) : endRound(situation, record);
}

export function undoMove(situation: Situation, { actor }: UndoRequest): Move<DecisionRecord> {
  const review = reviewOf(situation);
  const round = currentRound(review);
  const decision = round.decision ?? round.approvals?.find(({ by }) => by === actor.id);
  if (!decision) throw new TypeError('there is nothing to undo');
  const undone = { decision, by: actor.id, at: timeOf(situation) };
  const reopened: Round = {
    ...round,
    decision: null,
    approvals: (round.approvals ?? []).filter((each) => each !== decision),
    undone: [...(round.undone ?? []), undone],
  };
  const changed = withRound({ ...review, status: restingStatus(review, liveClaim(situation)) }, reopened);
  const facts = { action: decision.action, round: round.round, digest: decision.digest, decidedBy: decision.by };
  const status = openQuestion(changed) ? 'waiting_for_caller' : 'waiting_for_review';
  return move({ status, review: changed }, { kind: 'undone', actor: actor.id, facts }, { result: decision });
}

/** The ladder stands still from here until the caller has answered. */
export function askMove(situation: Situation, { actor, question }: AskRequest): Move<Question> {
  const review = reviewOf(situation);
  const round = currentRound(review);
  const at = timeOf(situation);
  const asked: Question = { text: question, by: actor.id, at, status: 'open' };
  const pauses = review.pauses ?? [];
  const isPaused = pauses.at(-1)?.to === null;
  const changed = withRound(
    {
      ...review,
      status: 'waiting_for_caller',
      claim: null,
      pauses: isPaused ? pauses : [...pauses, { from: at, to: null }],
    },
    { ...round, questions: [...(round.questions ?? []), asked] },
  );
  return move(
    { status: 'waiting_for_caller', review: changed },
    { kind: 'asked', actor: actor.id, facts: { round: round.round, question } },
    { result: asked, humanSeconds: secondsOfWork(situation) },
  );
}

/** What the caller says is kept whenever it comes; a question that is open takes it. */
export function answerMove(situation: Situation, { actor, answer }: AnswerRequest): Move<void> {
  const { state } = situation;
  const question = state.review ? (openQuestion(state.review)?.text ?? null) : null;
  const said = { text: answer, by: actor.id, at: timeOf(situation), question };
  return move(
    { answers: [...(state.answers ?? []), said] },
    { kind: 'answered', actor: actor.id, facts: { answer, question } },
  );
}

/** Ends the questions of the round that are open. */
export function settleQuestions(review: ReviewState, status: Exclude<Question['status'], 'open'>): ReviewState {
  const round = currentRound(review);
  const questions = (round.questions ?? []).map((each) => (each.status === 'open' ? { ...each, status } : each));
  return withRound(review, { ...round, questions });
}

/** The status of a review that waits for people. */
export function restingStatus(review: ReviewState, claim: Claim | null): ReviewState['status'] {
  if (openQuestion(review)) return 'waiting_for_caller';
  return claim ? 'claimed' : 'open';
}

function holdMove(
  situation: Situation,
  { kind, actor, claim }: { kind: string; actor: string; claim: Claim },
): Move<Claim> {
  const review = reviewOf(situation);
  const facts = kind === 'assigned' ? { to: claim.by, until: claim.until } : { until: claim.until };
  return move(
    { review: { ...review, claim, status: restingStatus(review, claim) } },
    { kind, actor, facts },
    { result: claim },
  );
}

function waitForOthers(
  situation: Situation,
  record: DecisionRecord & { readonly missing: number },
): Move<DecisionRecord> {
  const review = reviewOf(situation);
  const round = currentRound(review);
  const changed = withRound(
    { ...review, claim: null, status: restingStatus(review, null) },
    { ...round, approvals: [...(round.approvals ?? []), record] },
  );
  const facts = { round: record.round, digest: record.digest, missing: record.missing, surface: record.surface };
  return move(
    { review: changed },
    { kind: 'approved_in_part', actor: record.by, facts },
    { result: record, humanSeconds: record.humanSeconds },
  );
}

function endRound(situation: Situation, record: DecisionRecord): Move<DecisionRecord> {
  const review = reviewOf(situation);
  const round = currentRound(review);
  const status = record.action === 'revise' ? 'revising' : 'closed';
  const changed = withRound({ ...review, claim: null, status }, { ...round, decision: record });
  const { action, round: number, digest, permitDigest, humanSeconds, surface } = record;
  return move(
    { status: 'running', review: changed },
    {
      kind: 'decided',
      actor: record.by,
      facts: { action, round: number, digest, permitDigest, humanSeconds, surface },
    },
    { result: record, humanSeconds },
  );
}

function recordOf(situation: Situation, request: DecisionRequest): DecisionRecord {
  const { undoSeconds } = situation.policy;
  return {
    id: request.id,
    action: request.action,
    by: request.actor.id,
    at: timeOf(situation),
    round: currentRound(reviewOf(situation)).round,
    digest: request.digest,
    permitDigest: permitDigestOf(request),
    output: request.output?.text ?? null,
    guidance: request.guidance,
    note: request.note,
    reasonCode: request.reasonCode,
    correctionKind: request.correctionKind,
    humanSeconds: secondsOfWork(situation),
    surface: request.surface ?? ('http' satisfies Surface),
    asApprover: isApprover(request.actor),
    ...(undoSeconds > 0 && { undoUntil: new Date(situation.nowMs + undoSeconds * 1000).toISOString() }),
    ...(request.output?.needed && { needed: request.output.needed }),
    ...(request.items && { items: request.items }),
  };
}

function permitDigestOf(request: DecisionRequest): string | null {
  if (request.action === 'approve') return request.digest;
  return request.action === 'correct' ? (request.output?.digest ?? null) : null;
}

/** From the claim to now; where nobody claimed it, from the opening of the round, at most one lease. */
function secondsOfWork(situation: Situation): number {
  const claimed = liveClaim(situation);
  const since = claimed?.since ?? currentRound(reviewOf(situation)).openedAt;
  const seconds = Math.max(0, Math.round((situation.nowMs - Date.parse(since)) / 1000));
  return claimed ? seconds : Math.min(seconds, situation.policy.leaseSeconds);
}

function leaseEnd({ policy, nowMs }: Situation, leaseSeconds: number | null): string {
  return new Date(nowMs + (leaseSeconds ?? policy.leaseSeconds) * 1000).toISOString();
}

function withRound(review: ReviewState, round: Round): ReviewState {
  return { ...review, rounds: [...review.rounds.slice(0, -1), round] };
}

function timeOf({ nowMs }: Situation): string {
  return new Date(nowMs).toISOString();
}

function move(changes: Move<void>['changes'], event: Move<void>['event']): Move<void>;
function move<Result>(
  changes: Move<Result>['changes'],
  event: Move<Result>['event'],
  more: { readonly result: Result; readonly humanSeconds?: number },
): Move<Result>;
function move(
  changes: Move<unknown>['changes'],
  event: Move<unknown>['event'],
  more: { readonly result?: unknown; readonly humanSeconds?: number } = {},
): Move<unknown> {
  return { changes, event, humanSeconds: more.humanSeconds ?? 0, result: more.result };
}
