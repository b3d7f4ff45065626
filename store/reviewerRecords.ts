import { type RawBuilder, sql } from 'kysely';
import { goldDue } from '../autonomy/reviewers/goldSchedule';
import { GOLD_DRAFTS, type GoldDraft } from '../contracts/words/gold';
import { decisionsOn } from '../contracts/words/quorum';
import type { DecisionRecord, TaskState } from '../contracts/words/task';
import { hasMet } from './goldCases';
import type { TenantTx } from './store';

interface SaidOfDraft {
  readonly round: number;
  readonly decision: DecisionRecord;
}

/**
 * Keeps what each person said of each draft of a task, by its newest state. What was known to be right or wrong counts as gold in the
 * first round only, and only for someone who had not met the case before they decided. Part of the projection.
 */
export async function recordVerdicts(tx: TenantTx, taskId: string, state: TaskState): Promise<void> {
  const said = saidOf(state);
  if (said.length === 0) return;
  // By a record `r` of before, so that it comes out the same whenever it is projected.
  const metBy = sql`said.actor and r.at <= said.at`;
  const before = { actor: metBy, source: sql`gold_cases.source_task_id`, except: sql`tasks.id` };
  const column = <T>(of: (each: SaidOfDraft) => T): T[] => said.map(of);
  await sql`
    insert into reviewer_records (tenant, decision_id, actor, type, task_id, round, says_right, is_right, at)
    select tasks.tenant, said.id, said.actor, tasks.type, tasks.id, said.round, said.says_right,
      case when tasks.is_gold and said.round = 1 and not ${hasMet(sql`tasks.tenant`, before)} then gold.draft = 'right' end, said.at
    from tasks
    join unnest(
      ${column(({ decision }) => decision.id)}::text[], ${column(({ decision }) => decision.by)}::text[],
      ${column(({ round }) => round)}::smallint[], ${column(({ decision }) => saysRight(decision))}::boolean[],
      ${column(({ decision }) => decision.at)}::timestamptz[]
    ) as said (id, actor, round, says_right, at) on true
    left join gold_tasks gold on gold.tenant = tasks.tenant and gold.task_id = tasks.id
    left join gold_cases on gold_cases.tenant = gold.tenant and gold_cases.id = gold.case_id
    where tasks.tenant = ${tx.tenant} and tasks.id = ${taskId}
    on conflict (tenant, task_id, decision_id) do nothing`.execute(tx.db);
}

/** Deletes the records of what a task's state no longer says: it was taken back, or said to a run from before a reset. */
export function withoutVerdictsTakenBack(tx: TenantTx, taskId: string, state: TaskState): RawBuilder<unknown> {
  const ids = saidOf(state).map(({ decision }) => decision.id);
  return sql`delete from reviewer_records
    where tenant = ${tx.tenant} and task_id = ${taskId} and decision_id <> all (${ids}::text[])`;
}

/** Each decision once, in the round it was made for: who corrected counts as an approval of the next round too. */
function saidOf({ review }: TaskState): SaidOfDraft[] {
  const said = new Map<string, SaidOfDraft>();
  for (const round of review?.rounds ?? [])
    for (const decision of decisionsOn(round))
      if (!said.has(decision.id)) said.set(decision.id, { round: round.round, decision });
  return [...said.values()];
}

/** A revision says that the draft was wrong, and so does a correction, unless it is one of style. */
function saysRight({ action, correctionKind, items = [] }: DecisionRecord): boolean {
  if (action === 'correct' && correctionKind === 'style') return true;
  return action === 'approve' && items.every((item) => item.action === 'approve');
}

export interface GoldTurn {
  readonly draft: GoldDraft;
  /** Of this reviewer, before the one that is to be about gold. */
  readonly decisionsSoFar: number;
}

/**
 * Whether the next decision of a reviewer is to be about gold, by their records and by `draw(name)`: the draw of a keyed lottery under a
 * name, in [0, 1). Null where it isn't, and where the type has no gold.
 */
export async function goldTurn(
  tx: TenantTx,
  { actor, type, draw }: { readonly actor: string; readonly type: string; readonly draw: (name: string) => number },
): Promise<GoldTurn | null> {
  const counts = await goldCounts(tx, { actor, type });
  if (!counts.hasGold) return null;
  const { decisionsSoFar } = counts;
  const draft = [...GOLD_DRAFTS].reverse().find((each) => {
    const turn = { draft: each, decisionsSoFar, goldSoFar: counts[each] };
    return goldDue({ ...turn, draw: draw(`gold/${each}/${actor}/${decisionsSoFar}`) });
  });
  return draft === undefined ? null : { draft, decisionsSoFar };
}

/** Gold that waits for the reviewer counts with what they decided; what others took doesn't. */
async function goldCounts(tx: TenantTx, { actor, type }: { readonly actor: string; readonly type: string }) {
  const { rows } = await sql<Record<GoldDraft | 'decisionsSoFar', number> & { hasGold: boolean }>`
    select
      exists (select from gold_cases where tenant = ${tx.tenant} and type = ${type} and withdrawn_at is null) as has_gold,
      (select count(*) from reviewer_records where tenant = ${tx.tenant} and actor = ${actor}) as decisions_so_far,
      ${goldSoFar(tx, actor, 'right')} as right, ${goldSoFar(tx, actor, 'wrong')} as wrong`.execute(tx.db);
  const [counts] = rows;
  if (counts === undefined) throw new Error('a query without a table gave no row');
  return counts;
}

function goldSoFar(tx: TenantTx, actor: string, draft: GoldDraft) {
  return sql`(
    (select count(*) from reviewer_records where tenant = ${tx.tenant} and actor = ${actor} and is_right = ${draft === 'right'})
    + (select count(*) from gold_tasks g join tasks t on t.tenant = g.tenant and t.id = g.task_id
       where g.tenant = ${tx.tenant} and g.meant_for = ${actor} and g.draft = ${draft} and t.status <> 'completed'
         and not exists (select from reviewer_records r where r.tenant = g.tenant and r.task_id = g.task_id)))`;
}
