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
    .where('claimedUntil', '>', from)
    .where('claimedUntil', '<=', to)
    .execute();
  return rows.map(({ taskId }) => taskId);
}

export interface WrittenReviews {
  /** With the revision of the task. */
  readonly reviews: readonly { readonly taskId: string; readonly revision: number }[];
  /** From where to read the next time. */
  readonly readAt: string;
}

/** A review bears the time at which its transaction began, which is committed and seen so much later. */
const LONGEST_TRANSACTION_MS = 15_000;

/** Reviews that were written since `from`, and some that were known then. All times are of the database's clock; null: now. */
export async function writtenReviews(tx: TenantTx, from: string | null): Promise<WrittenReviews> {
  const { rows } = await sql<{ now: string }>`select now() as now`.execute(tx.db);
  const readAt = rows[0]?.now ?? '';
  const since = new Date(Date.parse(from ?? readAt) - LONGEST_TRANSACTION_MS).toISOString();
  const reviews = await tx.db
    .selectFrom('reviews')
    .innerJoin('tasks', (join) =>
      join.onRef('tasks.tenant', '=', 'reviews.tenant').onRef('tasks.id', '=', 'reviews.taskId'),
    )
    .select(['reviews.taskId', 'tasks.revision'])
    .where('reviews.tenant', '=', tx.tenant)
    .where('reviews.writtenAt', '>=', since)
    .execute();
  return { reviews, readAt };
}
