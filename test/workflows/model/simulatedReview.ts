import { REVIEW_POLICY_BEFORE, type ReviewPolicy } from '../../../contracts/words/policy';
import type { Actor, DecisionRequest } from '../../../contracts/words/review';
import { SCOPES_OF_ROLE, type Role } from '../../../contracts/words/roles';
import type { CallerAnswer, LadderRung, ReviewState, TaskState } from '../../../contracts/words/task';
import * as moves from '../../../workflows/moves';
import * as turns from '../../../workflows/turn';
import * as verdicts from '../../../workflows/verdict';

/** The rules of a review, as the workflow has them. A test may plant a fault in one of them. */
export type Rules = typeof verdicts & typeof moves & typeof turns;
export const RULES: Rules = { ...verdicts, ...moves, ...turns };

export const SUBMITTER = 'submitter';
export const PEOPLE: Readonly<Record<string, readonly Role[]>> = {
  ann: ['reviewer'],
  ben: ['reviewer'],
  cho: ['approver'],
  lea: ['lead'],
  [SUBMITTER]: ['submitter', 'reviewer'],
  guest: ['auditor'],
};

export const POLICY: ReviewPolicy = {
  ...REVIEW_POLICY_BEFORE,
  queue: 'support',
  ladder: [
    { kind: 'remind', afterSeconds: 60 },
    { kind: 'widen', afterSeconds: 120, toQueue: 'leads', toRole: 'lead' },
    { kind: 'overdue', afterSeconds: 180 },
  ],
  onTimeout: { kind: 'fall_back', afterSeconds: 240, digest: 'fallback' },
  leaseSeconds: 30,
  givenBackSeconds: 30,
  maxRounds: 4,
  humanMicroUsdPerHour: 0,
  approvals: { approvals: 2, approvers: 1, rule: null },
  undoSeconds: 20,
  callerWaitSeconds: 100,
};

/** How long the next draft takes. */
export const DRAFTING_SECONDS = 7;

export function actorOf(person: string): Actor {
  return { id: person, scopes: (PEOPLE[person] ?? []).flatMap((role) => SCOPES_OF_ROLE[role]) };
}

/** What left the review: at most one thing, ever. */
export interface Delivery {
  readonly kind: 'decision' | 'fallback';
  readonly digest: string;
}

/**
 * The rules of a review on a clock of the test's own: what people ask is refused or moves the state, and time takes its turns,
 * as the workflow does it.
 */
export class SimulatedReview {
  nowMs = 0;
  readonly delivered: Delivery[] = [];
  outcome: string | null = null;
  state: TaskState;
  private readAnswers = 0;
  private draftedAtMs: number | null = null;

  constructor(
    private readonly rules: Rules,
    readonly policy: ReviewPolicy = POLICY,
  ) {
    this.state = { ...EMPTY_STATE, review: this.openReview() };
    this.openRound('draft 1', []);
  }

  get review(): ReviewState {
    if (this.state.review === null) throw new TypeError('the simulated review is always there');
    return this.state.review;
  }

  /** The code of the refusal, or null where it took effect. */
  claim(person: string): string | null {
    const request = { actor: actorOf(person), leaseSeconds: null };
    return this.act(
      () => this.rules.refuseClaim(this.situation, request.actor),
      () => this.rules.claimMove(this.situation, request),
    );
  }

  release(person: string): string | null {
    const actor = actorOf(person);
    return this.act(
      () => this.rules.refuseRelease(this.situation, actor),
      () => this.rules.releaseMove(this.situation, actor.id),
    );
  }

  decide(person: string, what: Pick<DecisionRequest, 'action' | 'digest'>): string | null {
    const request = this.request(person, what);
    return this.act(
      () => this.rules.refuseDecision(this.situation, request),
      () => this.rules.decideMove(this.situation, request),
    );
  }

  undo(person: string): string | null {
    const request = { actor: actorOf(person) };
    return this.act(
      () => this.rules.refuseUndo(this.situation, request.actor),
      () => this.rules.undoMove(this.situation, request),
    );
  }

  ask(person: string): string | null {
    const request = { actor: actorOf(person), question: `question at ${this.nowMs}` };
    return this.act(
      () => this.rules.refuseQuestion(this.situation, request.actor),
      () => this.rules.askMove(this.situation, request),
    );
  }

  answer(): string | null {
    const request = { actor: actorOf(SUBMITTER), answer: `answer at ${this.nowMs}` };
    return this.act(
      () => this.rules.refuseAnswer(this.situation),
      () => this.rules.answerMove(this.situation, request),
    );
  }

  cancel(): string | null {
    const refusal = this.rules.refuseCancellation(this.situation);
    if (refusal === null) this.end('cancelled');
    return refusal?.code ?? null;
  }

  /** Lets time pass, and everything happen that it brings, each at its time. */
  pass(seconds: number): void {
    const endMs = this.nowMs + seconds * 1000;
    for (;;) {
      this.takeTurns();
      if (this.outcome !== null) break;
      const untilMs = this.nextMs();
      if (untilMs === null || untilMs > endMs) break;
      this.nowMs = Math.max(this.nowMs, untilMs);
    }
    this.nowMs = endMs;
  }

  /** When something happens by itself, where nobody does anything. */
  private nextMs(): number | null {
    if (this.draftedAtMs !== null) return this.draftedAtMs;
    const turn = this.turn();
    return turn.kind === 'wait' ? turn.untilMs : null;
  }

  private takeTurns(): void {
    while (this.outcome === null) {
      if (this.draftedAtMs !== null) {
        if (this.draftedAtMs > this.nowMs) return;
        this.openRound(`draft ${this.review.rounds.length + 1}`, []);
      }
      const turn = this.turn();
      if (turn.kind === 'wait') return;
      if (turn.kind === 'climb') this.climb(turn.rung);
      else if (turn.kind === 'decided') this.conclude(turn.decision);
      else this.endQuestion(turn.kind === 'answered' ? 'answered' : turn.why);
    }
  }

  private turn() {
    return this.rules.turnOf(this.situation, this.unread);
  }

  private get unread(): readonly CallerAnswer[] {
    return (this.state.answers ?? []).slice(this.readAnswers);
  }

  private climb(rung: LadderRung): void {
    const { review } = this.rules.climb(this.situation, rung);
    this.state = { ...this.state, review };
    if (review.closedBy !== 'timeout') return;
    this.delivered.push({ kind: 'fallback', digest: 'fallback' });
    this.end('fell_back');
  }

  private conclude(decision: NonNullable<ReviewState['rounds'][number]['decision']>): void {
    if (decision.action === 'decline') return this.end('declined');
    if (decision.action === 'revise') return this.beginDraft();
    const digest = decision.permitDigest ?? '';
    // A correction is its author's approval; who else is needed sees it in a further round.
    const isAlone = decision.action === 'correct' && this.policy.approvals.approvals > 1;
    if (isAlone) return this.openRound(digest, [decision]);
    this.delivered.push({ kind: 'decision', digest });
    this.end(decision.action);
  }

  private endQuestion(why: 'answered' | 'withdrawn' | 'unanswered'): void {
    this.state = { ...this.state, ...this.rules.endQuestion(this.situation, why) };
    const pausedMs = (this.review.pauses ?? []).reduce(
      (sum, { from, to }) => sum + Date.parse(to ?? from) - Date.parse(from),
      0,
    );
    const ladder = this.review.ladder.map((rung, index) =>
      rung.doneAt === null ? { ...rung, at: timeOf(this.plannedMs(index) + pausedMs) } : rung,
    );
    this.state = { ...this.state, review: { ...this.review, ladder } };
    if (why === 'answered') this.beginDraft();
  }

  /** It is made with everything that the caller has said until now. */
  private beginDraft(): void {
    this.readAnswers = this.state.answers?.length ?? 0;
    this.draftedAtMs = this.nowMs + DRAFTING_SECONDS * 1000;
  }

  private openReview(): ReviewState {
    const ladder = [...this.policy.ladder.map(({ kind }) => kind), 'fall_back' as const].map(
      (kind, index): LadderRung => ({ kind, at: timeOf(this.plannedMs(index)), doneAt: null }),
    );
    const empty = { claim: null, rounds: [], reminders: 0, closedAt: null, closedBy: null, roles: [this.policy.role] };
    return { id: 'rev_1', status: 'open', queue: 'support', openedAt: timeOf(0), dueAt: null, ladder, ...empty };
  }

  private openRound(digest: string, approvals: ReviewState['rounds'][number]['approvals']): void {
    const round = {
      ...{ round: this.review.rounds.length + 1, digest, openedAt: timeOf(this.nowMs), reasons: [], checks: [] },
      ...{
        draft: { version: 1, digest, text: digest },
        confidence: { score: 0, calibrator: 'none', errorBound: null },
      },
      ...{ decision: null, needed: this.policy.approvals, approvals: approvals ?? [] },
    };
    this.draftedAtMs = null;
    const review: ReviewState = { ...this.review, status: 'open', rounds: [...this.review.rounds, round] };
    this.state = { ...this.state, status: 'waiting_for_review', review };
  }

  private plannedMs(index: number): number {
    const { ladder, onTimeout } = this.policy;
    const last = onTimeout.kind === 'fall_back' ? onTimeout.afterSeconds : 0;
    return (ladder[index]?.afterSeconds ?? last) * 1000;
  }

  private end(outcome: string): void {
    this.outcome = outcome;
    this.state = {
      ...this.state,
      status: 'completed',
      outcome: outcome === 'cancelled' ? 'cancelled' : 'approved',
      review: { ...this.review, status: 'closed' },
    };
  }

  private act(refuse: () => verdicts.Refusal | null, move: () => moves.Move<unknown>): string | null {
    const refusal = refuse();
    if (refusal) return refusal.code;
    this.state = { ...this.state, ...move().changes };
    this.takeTurns();
    return null;
  }

  private request(person: string, what: Pick<DecisionRequest, 'action' | 'digest'>): DecisionRequest {
    const corrected = {
      text: `correction at ${this.nowMs} by ${person}`,
      digest: `correction at ${this.nowMs} by ${person}`,
    };
    return {
      ...{ id: `${person} at ${this.nowMs}`, actor: actorOf(person), reviewId: 'rev_1', round: null, ...what },
      output: what.action === 'correct' ? corrected : null,
      guidance: what.action === 'revise' ? 'guidance' : null,
      ...{ note: null, reasonCode: null, correctionKind: null },
    };
  }

  private get situation(): verdicts.Situation {
    const { state, policy, nowMs, outcome } = this;
    const isOver = { isDelivering: outcome !== null, isCancelling: false };
    return { state, policy, submitter: SUBMITTER, ...isOver, nowMs };
  }
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}

const EMPTY_STATE: TaskState = {
  ...{ run: 'run', revision: 0, status: 'waiting_for_review', outcome: null, language: null, class: null },
  ...{ confidence: null, reasons: [], checks: [], contexts: [], draft: null, permit: null, output: null, attempts: [] },
  ...{ cost: { modelMicroUsd: 0, humanMicroUsd: 0, humanSeconds: 0, totalMicroUsd: 0 }, steps: [] },
  ...{ review: null, completedAt: null, answers: [] },
};
