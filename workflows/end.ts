import type { Outcome } from '../contracts/words/vocabulary';
import { now, type TaskRun } from './taskRun';

/** Closes the task, and its review if it is still open, and projects the outcome: from here on the caller has the answer. */
export async function end(run: TaskRun, outcome: Outcome): Promise<void> {
  const { review, completedAt } = run.state;
  if (review && review.closedBy === null) {
    run.changeReview({ status: 'closed', closedAt: now(), closedBy: 'cancellation', claim: null });
  }
  run.change({ status: 'completed', outcome, completedAt: completedAt ?? now() });
  run.audit('completed', { actor: 'policy', facts: { outcome } });
  run.show();
  await run.save();
}
