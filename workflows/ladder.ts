import type { LadderPolicyRung, ReviewPolicy } from '../contracts/words/policy';
import type { LadderRung, Pause } from '../contracts/words/task';
import { adopt } from './adopt';
import { local } from './proxies';
import type { TaskRun } from './taskRun';

/** A rung comes late by at most this, however long its time is. */
const MAX_JITTER_SECONDS = 60;

type Rung = LadderPolicyRung | { readonly kind: 'fall_back'; readonly afterSeconds: number };

/** The ladder of a review that opens now. */
export async function newLadder(run: TaskRun, openedAt: string): Promise<readonly LadderRung[]> {
  const rungs = rungsOf(run.policy.review);
  const times = await timesOf(run, { openedAt, pauses: [] });
  return rungs.map(({ kind }, index) => ({ kind, at: times[index] ?? openedAt, doneAt: null }));
}

/** When the rungs that are still to come are due, now that the ladder has stood still for a while. */
export async function resumeLadder(run: TaskRun): Promise<void> {
  const { review } = run.state;
  if (review === null) throw new TypeError('there is no ladder');
  const times = await timesOf(run, { openedAt: review.openedAt, pauses: review.pauses ?? [] });
  // Read anew: people may have acted while the times were counted.
  const ladder = (run.state.review?.ladder ?? []).map((rung, index) =>
    rung.doneAt === null ? { ...rung, at: times[index] ?? rung.at } : rung,
  );
  run.changeReview({ ladder, dueAt: dueAtOf(ladder) });
}

/** When the review is late: at its rung `overdue`, or at the first rung where there is none. */
export function dueAtOf(ladder: readonly LadderRung[]): string | null {
  return (ladder.find(({ kind }) => kind === 'overdue') ?? ladder[0])?.at ?? null;
}

function rungsOf({ ladder, onTimeout }: ReviewPolicy): readonly Rung[] {
  return onTimeout.kind === 'fall_back'
    ? [...ladder, { kind: 'fall_back', afterSeconds: onTimeout.afterSeconds }]
    : ladder;
}

async function timesOf(
  run: TaskRun,
  { openedAt, pauses }: { readonly openedAt: string; readonly pauses: readonly Pause[] },
): Promise<readonly string[]> {
  const { review } = run.policy;
  const afterSeconds = rungsOf(review).map((rung) => withJitter(run, rung.afterSeconds));
  const { hours } = review;
  if (hours !== null && afterSeconds.length > 0) {
    const planned = await adopt(run, 'review', () => local.planLadder({ hours, openedAt, pauses, afterSeconds }));
    if (planned) return planned;
  }
  const pausedMs = pauses.reduce((sum, { from, to }) => sum + Date.parse(to ?? from) - Date.parse(from), 0);
  return afterSeconds.map((seconds) => new Date(Date.parse(openedAt) + pausedMs + seconds * 1000).toISOString());
}

/** Spread by the run, the same for each rung, so that they keep their order. */
function withJitter({ policy, spread }: TaskRun, seconds: number): number {
  return seconds + Math.min(seconds * policy.review.jitter, MAX_JITTER_SECONDS) * spread;
}
