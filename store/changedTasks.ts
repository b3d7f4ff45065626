import { sql } from 'kysely';
import { reviewIdOf } from '../contracts/words/names';
import type { Outcome, Status } from '../contracts/words/vocabulary';
import { type ReviewRow, readReviews } from './reviews';
import type { TenantTx } from './store';

/** What the change of a task is told by: little, and no text. */
export interface TaskStand {
  readonly id: string;
  readonly revision: number;
  readonly status: Status;
  readonly outcome: Outcome | null;
  readonly class: string | null;
  readonly classProbability: number | null;
  readonly confidence: number | null;
  readonly completedAt: string | null;
}

export interface ChangedTask {
  readonly task: TaskStand;
  readonly review: ReviewRow | null;
}

/** Those of these ids that there are, in any order. */
export async function readChangedTasks(
  tx: TenantTx,
  { taskIds, now }: { readonly taskIds: readonly string[]; readonly now: string },
): Promise<readonly ChangedTask[]> {
  const tasks = await tx.db
    .selectFrom('tasks')
    .select(['id', 'revision', 'status', 'outcome', 'class', 'classProbability', 'confidence', 'completedAt'])
    .where('tenant', '=', tx.tenant)
    .where('id', '=', sql<string>`any(${taskIds}::text[])`)
    .execute();
  const reviews = await readReviews(tx, { reviewIds: tasks.map(({ id }) => reviewIdOf(id)), now });
  const reviewOf = new Map(reviews.map((review) => [review.taskId, review]));
  return tasks.map((task) => ({ task, review: reviewOf.get(task.id) ?? null }));
}

/** Tasks whose review was held by a claim that ran out after `from`, until `to`: nobody writes it down, and a list shows it. */
export async function tasksOfEndedClaims(
  tx: TenantTx,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<readonly string[]> {
  const rows = await tx.db
    .selectFrom('reviews')
    .select('taskId')
    .where('tenant', '=', tx.tenant)
    .where('status', '=', 'claimed')
    .where('claimedUntil', '>', from)
    .where('claimedUntil', '<=', to)
    .execute();
  return rows.map(({ taskId }) => taskId);
}
