import { type ExpressionBuilder, sql } from 'kysely';
import type { Outcome, Reason, Status } from '../contracts/words/vocabulary';
import { type OrderKey, type Page, type PageRequest, readPage } from './page';
import type { TenantTables } from './schema';
import type { TenantTx } from './store';
import { TASK_ROW_COLUMNS, type TaskRow } from './taskRow';

export interface TaskFilter {
  readonly status?: readonly Status[];
  readonly type?: string;
  readonly class?: string;
  readonly outcome?: readonly Outcome[];
  readonly reason?: Reason;
  /** Blind indexes: `keyring.blindIndex(tenant, 'subject' | 'reference', value)`. */
  readonly subjectIndex?: string;
  readonly referenceIndex?: string;
  /** False: without gold items, which nobody posted. */
  readonly withGold?: boolean;
  /** Of createdAt; from inclusive, to exclusive. */
  readonly from?: string;
  readonly to?: string;
}

/** Notes that the task's workflow is started. The first time stays. */
export async function markStarted(
  tx: TenantTx,
  started: { readonly taskId: string; readonly at: string },
): Promise<void> {
  await tx.db
    .updateTable('tasks')
    .set({ startedAt: started.at })
    .where('tenant', '=', tx.tenant)
    .where('id', '=', started.taskId)
    .where('startedAt', 'is', null)
    .execute();
}

/** Tasks accepted before `acceptedBefore` whose workflow is not known to be started; oldest first, at most `limit` (default 100). */
export function unstartedTasks(
  tx: TenantTx,
  request: { readonly acceptedBefore: string; readonly limit?: number },
): Promise<readonly TaskRow[]> {
  return tx.db
    .selectFrom('tasks')
    .select(TASK_ROW_COLUMNS)
    .where('tenant', '=', tx.tenant)
    .where('startedAt', 'is', null)
    .where('createdAt', '<', request.acceptedBefore)
    .orderBy('createdAt')
    .limit(request.limit ?? 100)
    .execute();
}

export async function readTask(tx: TenantTx, taskId: string): Promise<TaskRow | null> {
  const row = await tx.db
    .selectFrom('tasks')
    .select(TASK_ROW_COLUMNS)
    .where('tenant', '=', tx.tenant)
    .where('id', '=', taskId)
    .executeTakeFirst();
  return row ?? null;
}

const NEWEST_FIRST: readonly OrderKey<TaskRow>[] = [
  { name: 'created', kind: 'time', expression: sql`created_at`, isDescending: true, valueOf: (row) => row.createdAt },
  { name: 'id', kind: 'text', expression: sql`id`, isDescending: true, valueOf: (row) => row.id },
];

/** Newest first. */
export async function listTasks(tx: TenantTx, request: TaskFilter & PageRequest): Promise<Page<TaskRow>> {
  const list = tx.db
    .selectFrom('tasks')
    .select(TASK_ROW_COLUMNS)
    .where('tenant', '=', tx.tenant)
    .where((eb) => eb.and(conditionsOf(eb, request)));
  return readPage(list, NEWEST_FIRST, request);
}

function conditionsOf(eb: ExpressionBuilder<TenantTables, 'tasks'>, filter: TaskFilter) {
  return [
    filter.status && eb('status', 'in', filter.status),
    filter.type !== undefined && eb('type', '=', filter.type),
    filter.class !== undefined && eb('class', '=', filter.class),
    filter.outcome && eb('outcome', 'in', filter.outcome),
    filter.reason && sql<boolean>`${filter.reason} = any(reasons)`,
    filter.subjectIndex !== undefined && eb('subjectIndex', '=', filter.subjectIndex),
    filter.referenceIndex !== undefined && eb('referenceIndex', '=', filter.referenceIndex),
    filter.withGold === false && eb('isGold', '=', false),
    filter.from !== undefined && eb('createdAt', '>=', filter.from),
    filter.to !== undefined && eb('createdAt', '<', filter.to),
  ].filter((condition) => condition !== undefined && condition !== false);
}
