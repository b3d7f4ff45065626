import { type RawBuilder, sql } from 'kysely';
import type { GoldDraft, GoldStart } from '../contracts/words/gold';
import { type OrderKey, type Page, type PageRequest, readPage } from './page';
import type { TenantTx } from './store';

/** A draft that is known to be right or wrong for the input of a task that people decided. */
export interface GoldCase {
  readonly id: string;
  readonly type: string;
  /** The task whose input it is. */
  readonly sourceTaskId: string;
  readonly draft: GoldDraft;
  /** Names the content of the draft among the texts of the source. */
  readonly contentText: string;
  readonly createdBy: string;
  readonly createdAt: string;
}

const COLUMNS = ['id', 'type', 'sourceTaskId', 'draft', 'contentText', 'createdBy', 'createdAt'] as const;

/** Keeps a case, once per source and content: one that is there already is given back. */
export async function keepGoldCase(tx: TenantTx, gold: GoldCase): Promise<GoldCase> {
  await tx.db
    .insertInto('goldCases')
    .values({ ...gold, tenant: tx.tenant, withdrawnAt: null })
    .onConflict((conflict) =>
      conflict.columns(['tenant', 'sourceTaskId', 'contentText']).where('withdrawnAt', 'is', null).doNothing(),
    )
    .execute();
  return tx.db
    .selectFrom('goldCases')
    .select(COLUMNS)
    .where('tenant', '=', tx.tenant)
    .where('sourceTaskId', '=', gold.sourceTaskId)
    .where('contentText', '=', gold.contentText)
    .where('withdrawnAt', 'is', null)
    .executeTakeFirstOrThrow();
}

const NEWEST_FIRST: readonly OrderKey<GoldCase>[] = [
  { name: 'created', kind: 'time', expression: sql`created_at`, isDescending: true, valueOf: (row) => row.createdAt },
  { name: 'id', kind: 'text', expression: sql`id`, isDescending: true, valueOf: (row) => row.id },
];

/** Those in use, newest first. */
export async function listGoldCases(tx: TenantTx, request: PageRequest): Promise<Page<GoldCase>> {
  const list = tx.db
    .selectFrom('goldCases')
    .select(COLUMNS)
    .where('tenant', '=', tx.tenant)
    .where('withdrawnAt', 'is', null);
  return readPage(list, NEWEST_FIRST, request);
}

/** Takes a case out of use: what was decided on it stays counted. Gives its source; null where none is in use under this id. */
export async function withdrawGoldCase(
  tx: TenantTx,
  withdrawn: { readonly id: string; readonly at: string },
): Promise<string | null> {
  const changed = await tx.db
    .updateTable('goldCases')
    .set({ withdrawnAt: withdrawn.at })
    .where('tenant', '=', tx.tenant)
    .where('id', '=', withdrawn.id)
    .where('withdrawnAt', 'is', null)
    .returning('sourceTaskId')
    .executeTakeFirst();
  return changed?.sourceTaskId ?? null;
}

/** The cases of a type that a reviewer has not met, neither as gold nor as the task they are made from, which is not theirs. At most 100. */
export function unmetGoldCases(
  tx: TenantTx,
  { actor, type, draft }: { readonly actor: string; readonly type: string; readonly draft: GoldDraft },
): Promise<readonly GoldCase[]> {
  const met = { actor: sql`${actor}`, source: sql`gold_cases.source_task_id`, except: sql`''` };
  return tx.db
    .selectFrom('goldCases')
    .select(COLUMNS)
    .where('tenant', '=', tx.tenant)
    .where('type', '=', type)
    .where('draft', '=', draft)
    .where('withdrawnAt', 'is', null)
    .where(
      sql<boolean>`not exists (
      select from gold_tasks g where g.tenant = gold_cases.tenant and g.meant_for = ${actor}
        and (g.case_id = gold_cases.id or g.case_id in (
          select c.id from gold_cases c where c.tenant = g.tenant and c.source_task_id = gold_cases.source_task_id)))`,
    )
    .where(
      sql<boolean>`not exists (
      select from tasks t where t.tenant = gold_cases.tenant and t.id = gold_cases.source_task_id and t.submitter = ${actor})`,
    )
    .where(sql<boolean>`not ${hasMet(sql`gold_cases.tenant`, met)}`)
    .orderBy('createdAt')
    .limit(100)
    .execute();
}

interface Meeting {
  readonly actor: RawBuilder<unknown>;
  readonly source: RawBuilder<unknown>;
  /** A task that doesn't count. */
  readonly except: RawBuilder<unknown>;
}

/** Whether somebody decided on a task, or on gold that was made from it. */
export function hasMet(tenant: RawBuilder<unknown>, { actor, source, except }: Meeting): RawBuilder<boolean> {
  return sql`exists (
    select from reviewer_records r where r.tenant = ${tenant} and r.actor = ${actor} and r.task_id <> ${except}
      and (r.task_id = ${source} or r.task_id in (
        select g.task_id from gold_tasks g join gold_cases c on c.tenant = g.tenant and c.id = g.case_id
        where g.tenant = ${tenant} and c.source_task_id = ${source})))`;
}

/** A gold item: the task that puts a case to people, and whom it is meant for. Others may take it too. */
export interface GoldTask {
  readonly taskId: string;
  readonly caseId: string;
  readonly draft: GoldDraft;
  readonly meantFor: string;
  readonly start: GoldStart;
  readonly createdAt: string;
}

/** Notes what a task that was accepted as gold starts with. */
export async function keepGoldTask(tx: TenantTx, { start, ...gold }: GoldTask): Promise<void> {
  await tx.db
    .insertInto('goldTasks')
    .values({ ...gold, tenant: tx.tenant, start: JSON.stringify(start) })
    .onConflict((conflict) => conflict.columns(['tenant', 'taskId']).doNothing())
    .execute();
}

export async function readGoldStart(tx: TenantTx, taskId: string): Promise<GoldStart> {
  const { start } = await tx.db
    .selectFrom('goldTasks')
    .select('start')
    .where('tenant', '=', tx.tenant)
    .where('taskId', '=', taskId)
    .executeTakeFirstOrThrow();
  return start;
}
