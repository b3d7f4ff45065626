import { condition } from '@temporalio/workflow';
import { assertNever } from '../contracts/words/assertNever';
import { FALLBACK_TEXT, reviewIdOf } from '../contracts/words/names';
import type { DecisionRecord, DraftRef, LadderRung, ReviewState, TextName } from '../contracts/words/task';
import type { Action } from '../contracts/words/vocabulary';
import { dueAtOf, newLadder, resumeLadder } from './ladder';
import { tell } from './notify';
import { neededOf, stillNeeded } from '../contracts/words/quorum';
import { newRound } from './round';
import { now, type TaskRun } from './taskRun';
import { climb, endQuestion, turnOf } from './turn';
import { currentRound, reviewOf } from './verdict';

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
    run.stopIfCancelling();
    const turn = turnOf(run.situation, run.unreadAnswers);
    switch (turn.kind) {
      case 'wait':
        await untilMoved(run, turn.untilMs);
        continue;
      case 'decided':
        return turn.decision;
      case 'answered':
        await overQuestion(run, 'answered');
        return 'answered';
      case 'question_over':
        await overQuestion(run, turn.why);
        break;
      case 'climb':
        if (take(run, turn.rung) === 'fell_back') return 'fell_back';
        break;
      default:
        assertNever(turn);
    }
    run.describe();
    void run.save();
  }
}

/**
 * Until somebody acts, or the time has come. What moves it while it waits is the state alone: an Update that is refused leaves nothing
 * in the history, so that whatever the clock brought about while it was looked at could not be replayed.
 */
async function untilMoved(run: TaskRun, untilMs: number | null): Promise<void> {
  const { nowMs } = run.situation;
  const isMoved = () => {
    const turn = turnOf({ ...run.situation, nowMs }, run.unreadAnswers);
    return turn.kind !== 'wait' || turn.untilMs !== untilMs;
  };
  if (untilMs === null) await condition(isMoved);
  else await condition(isMoved, Math.max(1, untilMs - nowMs));
}

/** All of it before the first await: from here on nobody decides on a draft that is about to be replaced. */
async function overQuestion(run: TaskRun, why: 'answered' | 'withdrawn' | 'unanswered'): Promise<void> {
  run.change(endQuestion(run.situation, why));
  if (why === 'unanswered') run.audit('caller_silent', { actor: 'policy', facts: {} });
  run.show();
  await resumeLadder(run);
}

/** Takes one rung. Late ones (after a downtime) come one by one, in order, each once. */
function take(run: TaskRun, rung: LadderRung): 'climbed' | 'fell_back' {
  const { review, event, tells } = climb(run.situation, rung);
  run.change({ review });
  run.audit(event.kind, { actor: 'policy', facts: event.facts });
  if (tells) tell(run, tells);
  return review.closedBy === 'timeout' ? 'fell_back' : 'climbed';
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
  // A further round that is shown and lost would have its decision refused as one on the round before.
  if (before) run.noteAct();
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
