import { isDeepStrictEqual } from 'node:util';
import { type RawBuilder, sql } from 'kysely';
import { reviewIdOf } from '../contracts/words/names';
import type { TaskRef, TaskState } from '../contracts/words/task';
import { projectTask } from './projectTask';
import type { Store, TenantTx } from './store';

/** The version of a task's row that was looked at. */
export interface RowVersion {
  readonly run: string | null;
  readonly revision: number;
}

export interface StoredTask extends RowVersion {
  readonly id: string;
  readonly type: string;
  readonly startedAt: string | null;
  /** Whether the row says that the task has ended. */
  readonly isCompleted: boolean;
}

/** One thing that the store says otherwise than the state does, by its name in the store, such as `review.claimed_by`. */
export interface Difference {
  readonly what: string;
  readonly stored: unknown;
  readonly rebuilt: unknown;
}

export interface Rebuild {
  /** What the workflow says, under the run that says so. */
  readonly state: TaskState;
  /** The row is written over only while it is the one that was looked at: whoever wrote meanwhile is newer. */
  readonly seen: RowVersion;
  /** Tells what differs, and leaves it. */
  readonly isDryRun: boolean;
}

export type RebuildResult =
  | { readonly kind: 'compared'; readonly differences: readonly Difference[] }
  /** Another projection was written since the row was looked at, or the row is gone. */
  | { readonly kind: 'moved_on' };

/**
 * Writes a task's row, its review and the reviewers' records anew from a state, whatever they say now, and tells what differed. For
 * when the store is wrong: the revision guard of `projectTask` trusts what is stored, and this does not. Nobody is told again of
 * a review, and nothing is added to the audit trail. Where nothing differs, nothing is written.
 */
export async function rebuildTask(store: Store, ref: TaskRef, rebuild: Rebuild): Promise<RebuildResult> {
  try {
    return await store.inTenant(ref.tenant, async (tx) => {
      if (!(await lockIfSeen(tx, ref.taskId, rebuild.seen))) return { kind: 'moved_on' };
      const before = await snapshotOf(tx, ref.taskId);
      await overwrite(tx, ref, rebuild.state);
      const differences = differencesOf(before, await snapshotOf(tx, ref.taskId));
      if (rebuild.isDryRun || differences.length === 0) throw new RolledBack(differences);
      return { kind: 'compared', differences };
    });
  } catch (error) {
    if (error instanceof RolledBack) return { kind: 'compared', differences: error.differences };
    throw error;
  }
}

/** Ends a transaction that only wrote to see what would come of it. */
class RolledBack extends Error {
  constructor(readonly differences: readonly Difference[]) {
    super('rolled back');
  }
}

async function lockIfSeen(tx: TenantTx, taskId: string, seen: RowVersion): Promise<boolean> {
  const { rows } = await sql`
    select from tasks where tenant = ${tx.tenant} and id = ${taskId}
      and run is not distinct from ${seen.run} and revision = ${seen.revision} for update`.execute(tx.db);
  return rows.length === 1;
}

/**
 * The guard is opened by a row of no run. The review is changed and not made anew: a change locks the counts of its old and its new
 * status in the order in which every projection does.
 */
async function overwrite(tx: TenantTx, ref: TaskRef, state: TaskState): Promise<void> {
  const ofTask = sql`tenant = ${tx.tenant} and task_id = ${ref.taskId}`;
  await sql`delete from reviews where ${ofTask} and id <> ${reviewIdOf(ref.taskId)}`.execute(tx.db);
  await sql`delete from reviewer_records where ${ofTask}`.execute(tx.db);
  await sql`
    update tasks set run = null, past_runs = array_remove(
      case when run is null or run = any (past_runs) then past_runs else array_append(past_runs, run) end, ${state.run})
    where tenant = ${tx.tenant} and id = ${ref.taskId}`.execute(tx.db);
  await projectTask(tx, ref, { state, events: [] });
}

type Fields = Readonly<Record<string, unknown>>;

interface Snapshot {
  readonly task: Fields;
  readonly state: Fields | null;
  readonly review: Fields | null;
  /** By the decision that each is of. */
  readonly records: Readonly<Record<string, Fields>>;
}

/** What is made of others by the database itself is left out. */
async function snapshotOf(tx: TenantTx, taskId: string): Promise<Snapshot> {
  const ofTask = sql`tenant = ${tx.tenant} and task_id = ${taskId}`;
  const { rows } = await sql<Snapshot>`
    select to_jsonb(tasks) - 'state' as task, state,
      (select to_jsonb(reviews) - array['group_id', 'is_closed', 'due_ascending', 'due_descending', 'written_at'] from reviews where ${ofTask} limit 1) as review,
      (select coalesce(jsonb_object_agg(decision_id, to_jsonb(reviewer_records)), '{}') from reviewer_records where ${ofTask}) as records
    from tasks where tenant = ${tx.tenant} and id = ${taskId}`.execute(tx.db);
  const [snapshot] = rows;
  if (snapshot === undefined) throw new Error(`there is no task ${taskId} of tenant ${tx.tenant}`);
  return snapshot;
}

function differencesOf(before: Snapshot, after: Snapshot): Difference[] {
  return [
    ...fieldDifferences('task', before.task, after.task),
    ...fieldDifferences('task.state', before.state, after.state),
    ...fieldDifferences('review', before.review, after.review),
    ...recordDifferences(before.records, after.records),
  ];
}

function recordDifferences(before: Snapshot['records'], after: Snapshot['records']): Difference[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((id) =>
    fieldDifferences(`reviewer_record.${id}`, before[id] ?? null, after[id] ?? null),
  );
}

/** A whole that is missing on one side is one difference. */
function fieldDifferences(name: string, before: Fields | null, after: Fields | null): Difference[] {
  if (before === null && after === null) return [];
  if (before === null || after === null) return [{ what: name, stored: presence(before), rebuilt: presence(after) }];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .map((key) => ({ what: `${name}.${key}`, stored: before[key] ?? null, rebuilt: after[key] ?? null }))
    .filter(({ stored, rebuilt }) => !isDeepStrictEqual(stored, rebuilt));
}

function presence(whole: Fields | null): string {
  return whole === null ? 'missing' : 'there';
}

/** The tasks of a tenant by id, at most 200 behind `after`; or those of `only` that there are. */
export async function storedTasks(
  tx: TenantTx,
  { after = '', only }: { readonly after?: string; readonly only?: readonly string[] },
): Promise<readonly StoredTask[]> {
  const chosen: RawBuilder<unknown> = only === undefined ? sql`id > ${after}` : sql`id = any(${only}::text[])`;
  const { rows } = await sql<StoredTask>`
    select id, type, run, revision, started_at, status = 'completed' as is_completed from tasks
    where tenant = ${tx.tenant} and ${chosen} order by id limit ${only === undefined ? 200 : null}`.execute(tx.db);
  return rows;
}

/** How many of these texts, by their names, the store has not. */
export async function missingTexts(
  tx: TenantTx,
  { taskId, names }: { readonly taskId: string; readonly names: readonly string[] },
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from unnest(${[...new Set(names)]}::text[]) as wanted (name)
    where not exists (select from texts where tenant = ${tx.tenant} and task_id = ${taskId} and texts.name = wanted.name)`.execute(
    tx.db,
  );
  return rows[0]?.count ?? 0;
}
