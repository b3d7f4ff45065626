import type { RefusalCode } from '../contracts/words/errorCodes';
import type { ReviewPolicy } from '../contracts/words/policy';
import type { Actor, AssignRequest, DecisionRequest, RefusalDetails } from '../contracts/words/review';
import { DECIDING_ROLES, type DecidingRole } from '../contracts/words/roles';
import type { Claim, DecisionRecord, ReviewState, Round, TaskState } from '../contracts/words/task';
import { neededOf, stillNeeded } from '../contracts/words/quorum';

export interface Refusal {
  readonly code: RefusalCode;
  readonly details: RefusalDetails;
}

/** What is judged by. `nowMs` is workflow time. */
export interface Situation {
  readonly state: TaskState;
  readonly policy: ReviewPolicy;
  /** Who posted the task. */
  readonly submitter: string;
  readonly isDelivering: boolean;
  /** From the moment a cancellation is let in. */
  readonly isCancelling: boolean;
  readonly nowMs: number;
}

const OWN_TASK: Refusal = { code: 'own_task', details: {} };
const ALREADY_APPROVED: Refusal = { code: 'already_approved_by_you', details: {} };

/** The one function that says whether a decision may take effect, whichever surface it came by. Null: it may. */
export function refuseDecision(situation: Situation, request: DecisionRequest): Refusal | null {
  const review = openReview(situation, request.actor);
  if ('code' in review) return review;
  const round = currentRound(review);
  const isStale = request.digest !== round.digest || (request.round !== null && request.round !== round.round);
  if (isStale) return staleDigest(round);
  if (request.actor.id === situation.submitter) return OWN_TASK;
  return (
    refuseHolder(situation, request.actor) ??
    refuseWithoutClaim(situation, request.actor) ??
    refuseRole(situation, request.actor) ??
    refuseApproval(situation, request) ??
    refuseContent(situation, request)
  );
}

/** Null: the actor may claim it. Whoever may not decide on it would only keep it from others. */
export function refuseClaim(situation: Situation, actor: Actor): Refusal | null {
  return refuseTaken(situation, actor) ?? refuseTaker(situation, actor);
}

/** Null: nobody else holds it. */
export function refuseTaken(situation: Situation, actor: Actor): Refusal | null {
  const review = openReview(situation, actor);
  return 'code' in review ? review : refuseHolder(situation, actor);
}

/** Null: the actor holds the claim, and may extend it. */
export function refuseExtension(situation: Situation, actor: Actor): Refusal | null {
  return refuseHold(situation, actor) ?? refuseTaker(situation, actor);
}

/** Null: the actor holds the claim. */
export function refuseHold(situation: Situation, actor: Actor): Refusal | null {
  const refusal = refuseTaken(situation, actor);
  if (refusal) return refusal;
  return liveClaim(situation)?.by === actor.id ? null : { code: 'not_claimed', details: {} };
}

/** Null: the actor holds the claim, or is a lead, and may end it. */
export function refuseRelease(situation: Situation, actor: Actor): Refusal | null {
  if (!isLead(actor)) return refuseHold(situation, actor);
  const review = openReview(situation, actor);
  if ('code' in review) return review;
  return liveClaim(situation) ? null : { code: 'not_claimed', details: {} };
}

/** Null: the actor is a lead, or hands on a claim of their own. */
export function refuseAssignment(situation: Situation, actor: Actor): Refusal | null {
  const review = openReview(situation, actor);
  if ('code' in review) return review;
  if (isLead(actor)) return null;
  const refusal = refuseHold(situation, actor);
  return refusal?.code === 'not_claimed' ? { code: 'role_required', details: { role: 'lead' } } : refusal;
}

/** Null: the actor may give it away, and to this person. */
export function refuseAssignmentTo(situation: Situation, request: AssignRequest): Refusal | null {
  const { actor, to, toScopes = null } = request;
  const refusal = refuseAssignment(situation, actor);
  if (refusal) return refusal;
  const ofTaker = refuseTaker(situation, { id: to, scopes: toScopes });
  return ofTaker && { ...ofTaker, details: { ...ofTaker.details, to } };
}

/** Null: the actor may ask the caller a question. */
export function refuseQuestion(situation: Situation, actor: Actor): Refusal | null {
  const review = openReview(situation, actor);
  if ('code' in review) return review;
  return (
    refuseHolder(situation, actor) ??
    refuseWithoutClaim(situation, actor) ??
    refuseRole(situation, actor) ??
    refuseFurtherRound(situation)
  );
}

/** Null: what the caller says can still matter. */
export function refuseAnswer({ state, isDelivering, isCancelling }: Situation): Refusal | null {
  if (isCancelling) return { code: 'task_ended', details: { outcome: 'cancelled' } };
  if (state.status !== 'completed' && !isDelivering) return null;
  return { code: 'task_ended', details: { outcome: state.outcome ?? 'delivering' } };
}

/**
 * Null: the actor may take back what was decided on the round that is open: a decision within its time, or an approval of their
 * own that waits for others'.
 */
export function refuseUndo(situation: Situation, actor: Actor): Refusal | null {
  if (!actor.scopes.includes('reviews:decide')) return { code: 'role_required', details: { role: 'reviewer' } };
  const { review } = situation.state;
  if (review === null) return refuseAnswer(situation) ?? { code: 'review_unknown', details: {} };
  const { decision, approvals = [] } = currentRound(review);
  if (decision === null) {
    const isOwn = approvals.some(({ by }) => by === actor.id);
    if (isOwn && review.status === 'revising') return { code: 'too_late', details: {} };
    return refuseAnswer(situation) ?? (isOwn ? null : nothingToUndo(review, actor));
  }
  if (decision.by !== actor.id && !isLead(actor)) return { code: 'not_your_decision', details: {} };
  return refuseLateUndo(situation, decision);
}

function refuseLateUndo(situation: Situation, decision: DecisionRecord): Refusal | null {
  const { undoUntil } = decision;
  const isOver = stands(situation, decision) || refuseAnswer(situation) !== null;
  return isOver ? { code: 'too_late', details: undoUntil === undefined ? {} : { undoUntil } } : null;
}

/** What the actor decided in an earlier round has had its effect: the round that followed. */
function nothingToUndo(review: ReviewState, actor: Actor): Refusal {
  const hasDecided = review.rounds.some(({ decision }) => decision?.by === actor.id);
  return { code: hasDecided ? 'too_late' : 'not_decided', details: {} };
}

/** A decision that stands is on its way to its effect, though delivery may not have begun yet; one for a revision only asks for more. */
export function refuseCancellation(situation: Situation): Refusal | null {
  const decision = situation.state.review?.rounds.at(-1)?.decision ?? null;
  const isDecided = decision !== null && decision.action !== 'revise' && stands(situation, decision);
  return refuseAnswer(situation) ?? (isDecided ? { code: 'task_ended', details: { outcome: 'delivering' } } : null);
}

/** Whether a decision can no longer be taken back. */
export function stands({ nowMs }: Pick<Situation, 'nowMs'>, { undoUntil }: DecisionRecord): boolean {
  return undoUntil === undefined || Date.parse(undoUntil) <= nowMs;
}

export function reviewOf({ state }: Pick<Situation, 'state'>): ReviewState {
  if (state.review === null) throw new TypeError('there is no review');
  return state.review;
}

export function currentRound(review: ReviewState): Round {
  const round = review.rounds.at(-1);
  if (!round) throw new TypeError('a review always has a round');
  return round;
}

/** The claim that has not expired. */
export function liveClaim({ state, nowMs }: Pick<Situation, 'state' | 'nowMs'>): Claim | null {
  const claim = state.review?.claim ?? null;
  return claim && Date.parse(claim.until) > nowMs ? claim : null;
}

export function isLead(actor: Actor): boolean {
  return actor.scopes.includes(DECIDING_ROLES.lead);
}

export function isApprover(actor: Actor): boolean {
  return actor.scopes.includes(DECIDING_ROLES.approver);
}

function openReview(situation: Situation, actor: Actor): ReviewState | Refusal {
  if (!actor.scopes.includes('reviews:decide')) return { code: 'role_required', details: { role: 'reviewer' } };
  const { review, outcome } = situation.state;
  if (situation.isCancelling) return { code: 'task_ended', details: { outcome: 'cancelled' } };
  if (review === null)
    return outcome ? { code: 'task_ended', details: { outcome } } : { code: 'review_unknown', details: {} };
  const round = currentRound(review);
  const { decision } = round;
  if (decision) {
    const { by, action, at } = decision;
    return { code: 'already_decided', details: { decidedBy: by, decidedAction: action, decidedAt: at } };
  }
  if (review.closedBy === 'timeout') {
    const decidedAt = review.closedAt ?? '';
    return { code: 'already_decided', details: { decidedBy: 'policy', decidedAction: 'fall_back', decidedAt } };
  }
  if (review.status === 'closed') return { code: 'task_ended', details: outcome ? { outcome } : {} };
  // The caller has answered, and the next draft is being made: whatever is done to this one would be lost with it.
  if (review.status === 'revising') return staleDigest(round);
  return review;
}

function staleDigest({ digest, round }: Round): Refusal {
  return { code: 'stale_digest', details: { digest, round } };
}

/** Null: they may decide on the draft that is open, as far as they are known: `scopes` is null where an earlier version did not say. */
function refuseTaker(situation: Situation, { id, scopes }: { id: string; scopes: Actor['scopes'] | null }) {
  if (id === situation.submitter) return OWN_TASK;
  const refusal = scopes && refuseRole(situation, { id, scopes });
  return refusal ?? (hasApproved(currentRound(reviewOf(situation)), id) ? ALREADY_APPROVED : null);
}

function refuseHolder(situation: Situation, actor: Actor): Refusal | null {
  const claim = liveClaim(situation);
  if (claim === null || claim.by === actor.id) return null;
  return { code: 'claimed_by_other', details: { claimedBy: claim.by, claimedUntil: claim.until } };
}

function refuseWithoutClaim(situation: Situation, actor: Actor): Refusal | null {
  if (!situation.policy.isClaimRequired || liveClaim(situation)?.by === actor.id) return null;
  return { code: 'not_claimed', details: {} };
}

function refuseRole({ state, policy }: Situation, actor: Actor): Refusal | null {
  const roles: readonly DecidingRole[] = state.review?.roles ?? [policy.role];
  if (roles.some((role) => actor.scopes.includes(DECIDING_ROLES[role]))) return null;
  return { code: 'role_required', details: { role: roles[0] ?? policy.role } };
}

/** Each approval is another person's; the last places that only an approver can fill are kept for them. */
function refuseApproval({ state, policy }: Situation, { action, actor }: DecisionRequest): Refusal | null {
  if (action !== 'approve' || state.review === null) return null;
  const round = currentRound(state.review);
  if (hasApproved(round, actor.id)) return ALREADY_APPROVED;
  const missing = stillNeeded(neededOf(round, policy), round.approvals ?? []);
  if (isApprover(actor) || missing.approvals > missing.approvers) return null;
  return { code: 'role_required', details: { role: 'approver' } };
}

function hasApproved({ approvals = [] }: Round, id: string): boolean {
  return approvals.some(({ by }) => by === id);
}

function refuseContent(situation: Situation, request: DecisionRequest): Refusal | null {
  const rounds = situation.state.review?.rounds ?? [];
  if (request.action === 'approve' && rounds.at(-1)?.draft === null) return { code: 'output_invalid', details: {} };
  if (request.action === 'correct' && request.output === null) return { code: 'output_invalid', details: {} };
  if (request.action !== 'revise') return null;
  if (request.guidance === null) return { code: 'guidance_required', details: {} };
  return refuseFurtherRound(situation);
}

function refuseFurtherRound({ state, policy }: Situation): Refusal | null {
  const rounds = state.review?.rounds.length ?? 0;
  return rounds >= policy.maxRounds ? { code: 'rounds_exhausted', details: { round: rounds } } : null;
}
