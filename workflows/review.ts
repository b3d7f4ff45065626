import { condition } from '@temporalio/workflow';
import { FALLBACK_TEXT, reviewIdOf } from '../contracts/words/names';
import type { DecidingRole } from '../contracts/words/roles';
import type { DecisionRecord, DraftRef, LadderRung, ReviewState, TextName } from '../contracts/words/task';
import type { Action } from '../contracts/words/vocabulary';
import { dueAtOf, newLadder, policyRungOf, resumeLadder } from './ladder';
import { openQuestion, settleQuestions } from './moves';
import { tell } from './notify';
import { neededOf, stillNeeded } from '../contracts/words/quorum';
import { newRound } from './round';
import { now, type TaskRun } from './taskRun';
import { currentRound } from './verdict';

/**
 * Puts the draft before people and waits for as long as it takes. A decision ends the wait, or an answer of the caller that a
 * reviewer asked for; the ladder reminds and widens, and at its end the declared fallback is delivered. Silence never
 * approves: no rung of the ladder can.
 */
export async function review(run: TaskRun): Promise<Verdict> {
  await openRound(run);
  run.show();
  await run.save();
  const { round } = currentRound(reviewOf(run));
  if (round === 1) tell(run, 'review.opened');
  let verdict: Verdict = FALL_BACK;
  await run.step('review', async () => {
    const ending = await untilEnded(run);
    verdict = conclude(run, ending);
    return { result: verdict.action, evidence: { round, by: typeof ending === 'string' ? 'policy' : ending.by } };
  });
  return verdict;
}

/** How a round ended, and what was asked for. */
export interface Verdict {
  /** `answer`: the caller answered a reviewer's question. */
  readonly action: Action | 'fall_back' | 'answer';
  readonly guidance: TextName | null;
}

type Ending = DecisionRecord | 'fell_back' | 'answered';

const FALL_BACK: Verdict = { action: 'fall_back', guidance: null };
const ANSWER: Verdict = { action: 'answer', guidance: null };

function conclude(run: TaskRun, ending: Ending): Verdict {
  if (ending === 'answered') return ANSWER;
  return ending === 'fell_back' ? fallBack(run) : act(run, ending);
}

async function untilEnded(run: TaskRun): Promise<Ending> {
  for (;;) {
    const rung = reviewOf(run).ladder.find(({ doneAt }) => doneAt === null);
    const isMoved = () => decisionOf(run) !== null || openQuestion(reviewOf(run)) !== null;
    if (!rung) await condition(isMoved);
    else await condition(isMoved, Math.max(1, Date.parse(rung.at) - Date.now()));
    const decision = decisionOf(run);
    if (decision) {
      if (await stands(run, decision)) return decision;
    } else if (openQuestion(reviewOf(run))) {
      if (await untilAnswered(run)) return 'answered';
    } else if (rung && climb(run, rung) === 'fell_back') return 'fell_back';
    run.describe();
    void run.save();
  }
}

/** Whether the decision is still there when the time in which it can be taken back is over. */
async function stands(run: TaskRun, decision: DecisionRecord): Promise<boolean> {
  if (decision.undoUntil === undefined) return true;
  const isUndone = () => decisionOf(run) !== decision;
  return !(await condition(isUndone, Math.max(1, Date.parse(decision.undoUntil) - Date.now())));
}

/**
 * Waits for the caller while the ladder stands still. A decision that is made meanwhile counts before an answer; an answer may have
 * come before the question. Where none comes, the review goes back to people.
 */
async function untilAnswered(run: TaskRun): Promise<boolean> {
  const asked = openQuestion(reviewOf(run));
  const giveUpAt = Date.parse(asked?.at ?? now()) + run.policy.review.callerWaitSeconds * 1000;
  await condition(() => decisionOf(run) !== null || run.hasNewAnswer, Math.max(1, giveUpAt - Date.now()));
  const isDecided = decisionOf(run) !== null;
  const isAnswered = !isDecided && run.hasNewAnswer;
  // All of it before the next await: from here on nobody decides on a draft that is about to be replaced.
  const settled = settleQuestions(reviewOf(run), isDecided ? 'withdrawn' : isAnswered ? 'answered' : 'unanswered');
  if (isDecided) run.change({ review: settled });
  else if (isAnswered) run.change({ status: 'running', review: { ...settled, status: 'revising', claim: null } });
  else {
    run.change({ status: 'waiting_for_review', review: { ...settled, status: settled.claim ? 'claimed' : 'open' } });
    run.audit('caller_silent', { actor: 'policy', facts: { askedAt: asked?.at ?? null } });
  }
  run.show();
  await resumeLadder(run);
  return isAnswered;
}

/** Takes one rung. Late ones (after a downtime) come one by one, in order, each once. */
function climb(run: TaskRun, rung: LadderRung): 'climbed' | 'fell_back' {
  const before = reviewOf(run);
  const policyRung = policyRungOf(run, before, rung);
  run.changeReview({ ladder: before.ladder.map((each) => (each === rung ? { ...each, doneAt: now() } : each)) });
  const facts = { dueAt: rung.at };
  switch (policyRung?.kind) {
    case undefined:
      run.changeReview({ status: 'closed', closedAt: now(), closedBy: 'timeout', claim: null });
      run.audit('fell_back', { actor: 'policy', facts });
      return 'fell_back';
    case 'remind':
      run.changeReview({ reminders: before.reminders + 1 });
      run.audit('reminded', { actor: 'policy', facts });
      if (!before.ladder.some(({ kind }) => kind === 'overdue')) tell(run, 'review.overdue');
      return 'climbed';
    case 'overdue':
      run.changeReview({ isOverdue: true });
      run.audit('overdue', { actor: 'policy', facts });
      tell(run, 'review.overdue');
      return 'climbed';
    case 'widen':
      widen(run, policyRung);
      return 'climbed';
  }
}

function widen(
  run: TaskRun,
  { toQueue, toRole }: { readonly toQueue: string | null; readonly toRole: DecidingRole | null },
): void {
  const { alsoQueue = null, roles = [run.policy.review.role] } = reviewOf(run);
  run.changeReview({
    alsoQueue: toQueue ?? alsoQueue,
    roles: toRole === null || roles.includes(toRole) ? roles : [...roles, toRole],
  });
  run.audit('widened', { actor: 'policy', facts: { toQueue, toRole } });
}

/** Turns a decision into the permit it gives; a revision leaves the review open for the next round. */
function act(run: TaskRun, decision: DecisionRecord): Verdict {
  const { action, guidance, at } = decision;
  if (action !== 'revise') run.changeReview({ status: 'closed', closedAt: at, closedBy: 'decision' });
  if (action === 'approve') permit(run, decision);
  if (action === 'correct') adoptCorrection(run, decision);
  return { action, guidance };
}

/** Whoever corrected has approved what they wrote; where that needs more people, they see it in the next round. */
function adoptCorrection(run: TaskRun, decision: DecisionRecord): void {
  const { output, permitDigest } = decision;
  if (output === null || permitDigest === null) throw new TypeError('a correction has an output and its digest');
  const version = (currentRound(reviewOf(run)).draft?.version ?? 0) + 1;
  const { needed } = decision;
  const corrected: DraftRef = { version, digest: permitDigest, text: output, ...(needed && { needed }) };
  run.change({ draft: corrected });
  const isEnough = stillNeeded(neededOf(corrected, run.policy.review), [decision]).approvals === 0;
  if (isEnough) return permit(run, decision);
  run.addReason('policy_requires_review', { step: 'judge', evidence: { rule: needed?.rule ?? 'approvals' } });
}

function permit(run: TaskRun, { by, at, permitDigest }: DecisionRecord): void {
  if (permitDigest === null) throw new TypeError('a decision that delivers names a digest');
  run.change({ permit: { kind: 'decision', by, at, digest: permitDigest } });
}

function fallBack(run: TaskRun): Verdict {
  const { onTimeout } = run.policy.review;
  if (onTimeout.kind !== 'fall_back') throw new TypeError('only a declared fallback is delivered');
  const version = (run.state.draft?.version ?? 0) + 1;
  const draft: DraftRef = { version, digest: onTimeout.digest, text: FALLBACK_TEXT };
  run.change({ draft, permit: { kind: 'fallback', by: 'policy', at: now(), digest: onTimeout.digest } });
  return FALL_BACK;
}

async function openRound(run: TaskRun): Promise<void> {
  const before = run.state.review;
  const opened: ReviewState = before
    ? { ...before, status: 'open', closedAt: null, closedBy: null, rounds: [...before.rounds, newRound(run)] }
    : { ...(await newReview(run)), rounds: [newRound(run)] };
  run.change({ status: 'waiting_for_review', review: opened });
  const { round, digest, reasons } = currentRound(opened);
  const facts = { round, digest, reasons: reasons.map((given) => given.reason) };
  run.audit('escalated', { actor: 'policy', facts });
}

async function newReview(run: TaskRun): Promise<ReviewState> {
  const openedAt = now();
  const ladder = await newLadder(run, openedAt);
  const empty = { claim: null, rounds: [], reminders: 0, closedAt: null, closedBy: null };
  const { queue, role } = run.policy.review;
  const id = reviewIdOf(run.ref.taskId);
  const roles = [role];
  return { id, status: 'open', queue, openedAt, dueAt: dueAtOf(ladder), ladder, roles, ...empty };
}

function decisionOf(run: TaskRun): DecisionRecord | null {
  return currentRound(reviewOf(run)).decision;
}

function reviewOf(run: TaskRun): ReviewState {
  if (run.state.review === null) throw new TypeError('there is no review');
  return run.state.review;
}
