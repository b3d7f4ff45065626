import type { LadderPolicyRung, ReviewPolicy } from '../contracts/words/policy';
import { openQuestion } from '../contracts/words/question';
import type {
  CallerAnswer,
  DecisionRecord,
  Evidence,
  LadderRung,
  ReviewState,
  TaskState,
} from '../contracts/words/task';
import type { WebhookEvent } from '../contracts/words/vocabulary';
import { restingStatus, settleQuestions } from './moves';
import { currentRound, liveClaim, reviewOf, type Situation, stands } from './verdict';

/** What a round does next, by what people did and what time it is. */
export type Turn =
  /** Nothing until then, or until somebody acts; null: for ever. */
  | { readonly kind: 'wait'; readonly untilMs: number | null }
  /** The decision stands: it can no longer be taken back. */
  | { readonly kind: 'decided'; readonly decision: DecisionRecord }
  /** The caller said what was asked for, before or after it was. */
  | { readonly kind: 'answered' }
  /** A question is over without an answer: a decision was made, or the caller was waited for long enough. */
  | { readonly kind: 'question_over'; readonly why: 'withdrawn' | 'unanswered' }
  | { readonly kind: 'climb'; readonly rung: LadderRung };

/** A decision counts before an answer, an answer before time. `unread`: what the caller said that no draft was made with. */
export function turnOf(situation: Situation, unread: readonly CallerAnswer[]): Turn {
  const { policy, nowMs } = situation;
  const review = reviewOf(situation);
  const { decision } = currentRound(review);
  const question = openQuestion(review);
  if (decision) {
    if (question) return { kind: 'question_over', why: 'withdrawn' };
    if (stands(situation, decision)) return { kind: 'decided', decision };
    return { kind: 'wait', untilMs: Date.parse(decision.undoUntil ?? decision.at) };
  }
  if (question) {
    if (unread.length > 0) return { kind: 'answered' };
    const giveUpMs = Date.parse(question.at) + policy.callerWaitSeconds * 1000;
    return giveUpMs <= nowMs ? { kind: 'question_over', why: 'unanswered' } : { kind: 'wait', untilMs: giveUpMs };
  }
  const rung = review.ladder.find(({ doneAt }) => doneAt === null);
  if (!rung) return { kind: 'wait', untilMs: null };
  const dueMs = dueMsOf(rung, review, policy);
  return dueMs <= nowMs ? { kind: 'climb', rung } : { kind: 'wait', untilMs: dueMs };
}

/** Whoever is given a review back has time for it, however late it is by then, before it falls back. */
function dueMsOf({ kind, at }: LadderRung, review: ReviewState, { givenBackSeconds }: ReviewPolicy): number {
  const { round, openedAt, undone = [] } = currentRound(review);
  const givenBack = undone.at(-1)?.at ?? (round > 1 ? openedAt : null);
  if (kind !== 'fall_back' || givenBack === null) return Date.parse(at);
  return Math.max(Date.parse(at), Date.parse(givenBack) + givenBackSeconds * 1000);
}

/** What time did to a review, with an entry for the audit trail. */
export interface Climb {
  readonly review: ReviewState;
  readonly event: { readonly kind: string; readonly facts: Evidence };
  /** What the caller is told; null: nothing. */
  readonly tells: WebhookEvent | null;
}

/** One rung of the ladder. It may remind, widen, or close the review for the declared fallback; it can't decide. */
export function climb(situation: Situation, rung: LadderRung): Climb {
  const before = reviewOf(situation);
  const at = new Date(situation.nowMs).toISOString();
  const index = before.ladder.indexOf(rung);
  const policyRung = situation.policy.ladder[index] ?? null;
  const ladder = before.ladder.map((each) => (each === rung ? { ...each, doneAt: at } : each));
  const climbed = { ...before, ladder };
  const facts = { dueAt: rung.at };
  if (policyRung === null) {
    const review: ReviewState = { ...climbed, status: 'closed', closedAt: at, closedBy: 'timeout', claim: null };
    return { review, event: { kind: 'fell_back', facts }, tells: null };
  }
  return climbOf(policyRung, { review: climbed, facts, policy: situation.policy });
}

function climbOf(
  rung: LadderPolicyRung,
  { review, facts, policy }: { readonly review: ReviewState; readonly facts: Evidence; readonly policy: ReviewPolicy },
): Climb {
  switch (rung.kind) {
    case 'remind': {
      const isLate = !policy.ladder.some(({ kind }) => kind === 'overdue');
      const reminded = { ...review, reminders: review.reminders + 1 };
      return { review: reminded, event: { kind: 'reminded', facts }, tells: isLate ? 'review.overdue' : null };
    }
    case 'overdue':
      return { review: { ...review, isOverdue: true }, event: { kind: 'overdue', facts }, tells: 'review.overdue' };
    case 'widen': {
      const { toQueue, toRole } = rung;
      const roles = review.roles ?? [policy.role];
      const widened = {
        ...review,
        alsoQueue: toQueue ?? review.alsoQueue ?? null,
        roles: toRole === null || roles.includes(toRole) ? roles : [...roles, toRole],
      };
      return { review: widened, event: { kind: 'widened', facts: { ...facts, toQueue, toRole } }, tells: null };
    }
  }
}

/** What is once a question is over; the ladder goes on from here. After an answer nobody decides on the draft that it replaces. */
export function endQuestion(
  situation: Situation,
  why: 'answered' | 'withdrawn' | 'unanswered',
): Partial<Pick<TaskState, 'status' | 'review'>> {
  const review = reviewOf(situation);
  const at = new Date(situation.nowMs).toISOString();
  const pauses = (review.pauses ?? []).map((pause) => (pause.to === null ? { ...pause, to: at } : pause));
  const settled = settleQuestions({ ...review, pauses }, why);
  if (why === 'withdrawn') return { review: settled };
  if (why === 'answered') return { status: 'running', review: { ...settled, status: 'revising', claim: null } };
  const claim = liveClaim(situation);
  return { status: 'waiting_for_review', review: { ...settled, claim, status: restingStatus(settled, claim) } };
}
