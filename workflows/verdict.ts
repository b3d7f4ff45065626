import type { RefusalCode } from '../contracts/words/errorCodes';
import type { Actor, DecisionRequest, RefusalDetails } from '../contracts/words/review';
import type { Claim, ReviewState, Round, TaskState } from '../contracts/words/task';

export interface Refusal {
  readonly code: RefusalCode;
  readonly details: RefusalDetails;
}

/** What a decision is judged by. `nowMs` is workflow time. */
export interface Situation {
  readonly state: TaskState;
  readonly isDelivering: boolean;
  readonly maxRounds: number;
  readonly nowMs: number;
}

/** The one function that says whether a decision may take effect, whichever surface it came by. Null: it may. */
export function refuseDecision(situation: Situation, request: DecisionRequest): Refusal | null {
  const review = openReview(situation, request.actor);
  if ('code' in review) return review;
  const round = currentRound(review);
  const isStale = request.digest !== round.digest || (request.round !== null && request.round !== round.round);
  if (isStale) return { code: 'stale_digest', details: { digest: round.digest, round: round.round } };
  return refuseHolder(situation, request.actor) ?? refuseContent(situation, request);
}

/** Null: the actor may claim it, or hold it for longer. */
export function refuseClaim(situation: Situation, actor: Actor): Refusal | null {
  const review = openReview(situation, actor);
  return 'code' in review ? review : refuseHolder(situation, actor);
}

/** Null: the actor holds the claim, and may extend it or give it back. */
export function refuseHold(situation: Situation, actor: Actor): Refusal | null {
  const refusal = refuseClaim(situation, actor);
  if (refusal) return refusal;
  return liveClaim(situation)?.by === actor.id ? null : { code: 'not_claimed', details: {} };
}

export function refuseCancellation(situation: Situation): Refusal | null {
  if (situation.state.status !== 'completed' && !situation.isDelivering) return null;
  return { code: 'task_ended', details: { outcome: situation.state.outcome ?? 'delivering' } };
}

export function currentRound(review: ReviewState): Round {
  const round = review.rounds.at(-1);
  if (!round) throw new TypeError('a review always has a round');
  return round;
}

/** The claim that has not expired. */
export function liveClaim({ state, nowMs }: Situation): Claim | null {
  const claim = state.review?.claim ?? null;
  return claim && Date.parse(claim.until) > nowMs ? claim : null;
}

function openReview(situation: Situation, actor: Actor): ReviewState | Refusal {
  if (!actor.scopes.includes('reviews:decide')) return { code: 'role_required', details: {} };
  const { review, outcome } = situation.state;
  if (review === null)
    return outcome ? { code: 'task_ended', details: { outcome } } : { code: 'review_unknown', details: {} };
  const { decision } = currentRound(review);
  if (decision) {
    const { by, action, at } = decision;
    return { code: 'already_decided', details: { decidedBy: by, decidedAction: action, decidedAt: at } };
  }
  if (review.closedBy === 'timeout') {
    const decidedAt = review.closedAt ?? '';
    return { code: 'already_decided', details: { decidedBy: 'policy', decidedAction: 'fall_back', decidedAt } };
  }
  if (review.status === 'closed') return { code: 'task_ended', details: outcome ? { outcome } : {} };
  return review;
}

function refuseHolder(situation: Situation, actor: Actor): Refusal | null {
  const claim = liveClaim(situation);
  if (claim === null || claim.by === actor.id) return null;
  return { code: 'claimed_by_other', details: { claimedBy: claim.by, claimedUntil: claim.until } };
}

function refuseContent({ state, maxRounds }: Situation, request: DecisionRequest): Refusal | null {
  const rounds = state.review?.rounds ?? [];
  if (request.action === 'approve' && rounds.at(-1)?.draft === null) return { code: 'output_invalid', details: {} };
  if (request.action === 'correct' && request.output === null) return { code: 'output_invalid', details: {} };
  if (request.action === 'revise' && request.guidance === null) return { code: 'guidance_required', details: {} };
  if (request.action === 'revise' && rounds.length >= maxRounds) {
    return { code: 'rounds_exhausted', details: { round: rounds.length } };
  }
  return null;
}
