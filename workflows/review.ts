import { condition, setCurrentDetails } from '@temporalio/workflow';
import { FALLBACK_TEXT, reviewIdOf } from '../contracts/words/names';
import type { DecisionRecord, DraftRef, LadderRung, ReviewState, Round, TextName } from '../contracts/words/task';
import type { Action } from '../contracts/words/vocabulary';
import { describeState } from './details';
import { now, type TaskRun } from './taskRun';
import { tell } from './notify';
import { currentRound } from './verdict';

/**
 * Puts the draft before people and waits for as long as it takes. A decision ends the wait; the ladder reminds, and at
 * its end the declared fallback is delivered. Silence never approves: no rung of the ladder can.
 */
export async function review(run: TaskRun): Promise<Verdict> {
  openRound(run);
  run.show();
  await run.save();
  const { round } = currentRound(reviewOf(run));
  if (round === 1) tell(run, 'review.opened');
  let verdict: Verdict = FALL_BACK;
  await run.step('review', async () => {
    const decision = await untilDecided(run);
    verdict = decision === 'fell_back' ? fallBack(run) : act(run, decision);
    return { result: verdict.action, evidence: { round, by: decision === 'fell_back' ? 'policy' : decision.by } };
  });
  return verdict;
}

/** How a round ended, and what was asked for. */
export interface Verdict {
  readonly action: Action | 'fall_back';
  readonly guidance: TextName | null;
}

const FALL_BACK: Verdict = { action: 'fall_back', guidance: null };

async function untilDecided(run: TaskRun): Promise<DecisionRecord | 'fell_back'> {
  const isDecided = () => currentRound(reviewOf(run)).decision !== null;
  for (;;) {
    const rung = reviewOf(run).ladder.find(({ doneAt }) => doneAt === null);
    if (!rung) await condition(isDecided);
    else await condition(isDecided, Math.max(1, Date.parse(rung.at) - Date.now()));
    const { decision } = currentRound(reviewOf(run));
    if (decision) return decision;
    if (rung && climb(run, rung) === 'fell_back') return 'fell_back';
    setCurrentDetails(describeState(run.state));
    void run.save();
  }
}

/** Takes one rung. Late ones (after a downtime) come one by one, in order, each once. */
function climb(run: TaskRun, rung: LadderRung): 'reminded' | 'fell_back' {
  const ladder = reviewOf(run).ladder.map((each) => (each === rung ? { ...each, doneAt: now() } : each));
  if (rung.kind === 'remind') {
    run.changeReview({ ladder, reminders: reviewOf(run).reminders + 1 });
    run.audit('reminded', { actor: 'policy', facts: { dueAt: rung.at } });
    tell(run, 'review.overdue');
    return 'reminded';
  }
  run.changeReview({ ladder, status: 'closed', closedAt: now(), closedBy: 'timeout', claim: null });
  run.audit('fell_back', { actor: 'policy', facts: { dueAt: rung.at } });
  return 'fell_back';
}

/** Turns a decision into the permit it gives; a revision leaves the review open for the next round. */
function act(run: TaskRun, decision: DecisionRecord): Verdict {
  const { action, guidance, at } = decision;
  if (action !== 'revise') run.changeReview({ status: 'closed', closedAt: at, closedBy: 'decision' });
  if (action === 'approve' || action === 'correct') permit(run, decision);
  return { action, guidance };
}

function permit(run: TaskRun, { by, at, permitDigest, output }: DecisionRecord): void {
  if (permitDigest === null) throw new TypeError('a decision that delivers names a digest');
  const { draft } = currentRound(reviewOf(run));
  const corrected: DraftRef | null =
    output === null ? null : { version: (draft?.version ?? 0) + 1, digest: permitDigest, text: output };
  run.change({ draft: corrected ?? draft, permit: { kind: 'decision', by, at, digest: permitDigest } });
}

function fallBack(run: TaskRun): Verdict {
  const { onTimeout } = run.policy.review;
  if (onTimeout.kind !== 'fall_back') throw new TypeError('only a declared fallback is delivered');
  const version = (run.state.draft?.version ?? 0) + 1;
  const draft: DraftRef = { version, digest: onTimeout.digest, text: FALLBACK_TEXT };
  run.change({ draft, permit: { kind: 'fallback', by: 'policy', at: now(), digest: onTimeout.digest } });
  return FALL_BACK;
}

function openRound(run: TaskRun): void {
  const { review: before, draft, reasons, checks, confidence } = run.state;
  const round: Round = {
    round: (before?.rounds.length ?? 0) + 1,
    draft,
    digest: draft?.digest ?? run.policy.emptyDigest,
    openedAt: now(),
    reasons,
    checks,
    confidence: confidence ?? { score: 0, calibrator: 'none', errorBound: null },
    decision: null,
  };
  const opened: ReviewState = before
    ? { ...before, status: 'open', closedAt: null, closedBy: null, rounds: [...before.rounds, round] }
    : { ...newReview(run), rounds: [round] };
  run.change({ status: 'waiting_for_review', review: opened });
  const facts = { round: round.round, digest: round.digest, reasons: reasons.map((given) => given.reason) };
  run.audit('escalated', { actor: 'policy', facts });
}

function newReview(run: TaskRun): ReviewState {
  const { queue, ladder, onTimeout } = run.policy.review;
  const rung = (kind: LadderRung['kind'], afterSeconds: number): LadderRung => ({
    kind,
    at: new Date(Date.now() + afterSeconds * 1000).toISOString(),
    doneAt: null,
  });
  const rungs = ladder.map(({ kind, afterSeconds }) => rung(kind, afterSeconds));
  if (onTimeout.kind === 'fall_back') rungs.push(rung('fall_back', onTimeout.afterSeconds));
  const id = reviewIdOf(run.ref.taskId);
  const empty = { claim: null, rounds: [], reminders: 0, closedAt: null, closedBy: null };
  return { id, status: 'open', queue, openedAt: now(), dueAt: rungs[0]?.at ?? null, ladder: rungs, ...empty };
}

function reviewOf(run: TaskRun): ReviewState {
  if (run.state.review === null) throw new TypeError('there is no review');
  return run.state.review;
}
