import { sql } from 'kysely';
import { reviewIdOf } from '../contracts/words/names';
import type { AuditEvent, ReviewState, TaskRef, TaskState } from '../contracts/words/task';
import { appendAudit } from './audit';
import { recordVerdicts, withoutVerdictsTakenBack } from './reviewerRecords';
import type { TenantTx } from './store';

export interface Projection {
  readonly state: TaskState;
  readonly events: readonly AuditEvent[];
}

/**
 * Writes the workflow's state over the task's row and its review, adds to its audit trail, and tells who listens. Idempotent: a
 * revision that is not higher than the stored one of the same run changes nothing, and an event whose key is in the trail is not
 * added again. A run that was not heard of before takes over from the one that was (a reset made it); the old one is not heard again.
 * Throws where the tenant has no such task.
 */
export async function projectTask(tx: TenantTx, ref: TaskRef, projection: Projection): Promise<void> {
  await projectState(tx, ref.taskId, projection.state);
  await appendAudit(tx, { taskId: ref.taskId, events: projection.events });
}

/** One statement, the review and the records of reviewers only where the task's row was changed. */
async function projectState(tx: TenantTx, taskId: string, state: TaskState): Promise<void> {
  const reasons = state.reasons.map(({ reason }) => reason);
  const { rows } = await sql`
    with projected as (
      update tasks set
        past_runs = case when run is null or run = ${state.run} then past_runs else array_append(past_runs, run) end,
        started_at = coalesce(started_at, now()), run = ${state.run}, revision = ${state.revision}, status = ${state.status}, outcome = ${state.outcome},
        class = ${state.class?.name ?? null}, class_probability = ${state.class?.probability ?? null},
        confidence = ${state.confidence?.score ?? null}, reasons = ${reasons}, completed_at = ${state.completedAt},
        state = ${JSON.stringify(state)}
      where tenant = ${tx.tenant} and id = ${taskId} and not ${state.run} = any (past_runs)
        and (run is distinct from ${state.run} or revision < ${state.revision})
      returning tenant, id, type, class, priority
    )${state.review === null ? withoutReview(taskId) : projectedReview(state.review)}, taken_back as (
      ${withoutVerdictsTakenBack(tx, taskId, state)} and exists (select from projected)
    )
    select 1 from projected
    union all select 1 from tasks
      where tenant = ${tx.tenant} and id = ${taskId} and run = ${state.run} and revision = ${state.revision}
  `.execute(tx.db);
  // Also where it was there already: the step may be repeated because its process died before it could tell anyone.
  if (rows.length === 0) return;
  await recordVerdicts(tx, taskId, state);
  const isCompleted = state.status === 'completed';
  tx.announce({ tenant: tx.tenant, taskId, revision: state.revision, isCompleted });
}

/** After a reset to a step before the review, what the old run had put to review is no longer asked. */
function withoutReview(taskId: string): ReturnType<typeof sql> {
  return sql`, withdrawn as (
    delete from reviews using projected where reviews.tenant = projected.tenant and reviews.id = ${reviewIdOf(taskId)}
  )`;
}

function projectedReview(review: ReviewState): ReturnType<typeof sql> {
  const { round, reasons, confidence, digest, approvalsGiven, approvalsNeeded } = roundColumns(review);
  const { alsoQueue = null, roles = [], isOverdue = false, claim } = review;
  return sql`, reviewed as (
    insert into reviews (tenant, id, task_id, type, queue, status, class, main_reason, reasons, confidence, priority,
      opened_at, due_at, claimed_by, claimed_until, round, digest, reminders, closed_at,
      also_queue, roles, is_overdue, assigned_by, approvals_given, approvals_needed)
    select tenant, ${review.id}, id, type, ${review.queue}, ${review.status}, class, ${reasons[0] ?? null}, ${reasons}::text[],
      ${confidence}::float8, priority, ${review.openedAt}::timestamptz, ${review.dueAt}::timestamptz,
      ${claim?.by ?? null}, ${claim?.until ?? null}::timestamptz, ${round}::int,
      ${digest}, ${review.reminders}::int, ${review.closedAt}::timestamptz,
      nullif(${alsoQueue}, ${review.queue}), ${roles}::text[], ${isOverdue}::boolean,
      ${claim?.assignedBy ?? null}, ${approvalsGiven}::smallint, ${approvalsNeeded}::smallint
    from projected
    on conflict (tenant, id) do update set
      task_id = excluded.task_id, type = excluded.type, priority = excluded.priority,
      queue = excluded.queue, status = excluded.status, class = excluded.class, main_reason = excluded.main_reason,
      reasons = excluded.reasons, confidence = excluded.confidence, opened_at = excluded.opened_at, due_at = excluded.due_at,
      claimed_by = excluded.claimed_by, claimed_until = excluded.claimed_until, round = excluded.round,
      digest = excluded.digest, reminders = excluded.reminders, closed_at = excluded.closed_at,
      also_queue = excluded.also_queue, roles = excluded.roles, is_overdue = excluded.is_overdue,
      assigned_by = excluded.assigned_by, approvals_given = excluded.approvals_given,
      approvals_needed = excluded.approvals_needed
  )`;
}

/** What a row shows of the newest round; a review always has one. */
function roundColumns({ rounds }: ReviewState) {
  const newest = rounds.at(-1);
  if (newest === undefined) throw new TypeError('a review has a round');
  const { round, digest, reasons, confidence, approvals = [], needed } = newest;
  return {
    ...{ round, digest, reasons: reasons.map(({ reason }) => reason), confidence: confidence.score },
    ...{ approvalsGiven: approvals.length, approvalsNeeded: needed?.approvals ?? 1 },
  };
}
