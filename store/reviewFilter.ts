import { type Expression, type RawBuilder, sql, type SqlBool } from 'kysely';
import { REVIEW_STATUSES, type Reason, type ReviewStatus } from '../contracts/words/vocabulary';
import { hasRunOut, isOpenAgain } from './reviewRow';
import type { TenantTx } from './store';

export interface ReviewFilter {
  readonly status?: readonly ReviewStatus[];
  /** Those in it by their second queue too. */
  readonly queue?: string;
  readonly type?: string;
  readonly class?: string;
  readonly reason?: Reason;
  /** Who holds the claim. */
  readonly assignee?: string;
  /** Not closed, and due before now. */
  readonly isOverdue?: boolean;
}

type Condition = RawBuilder<SqlBool>;

const OPEN_STATUSES = REVIEW_STATUSES.filter((status) => status !== 'closed');

export function all(conditions: readonly Condition[]): Condition {
  return conditions.length === 0 ? sql<SqlBool>`true` : sql<SqlBool>`${sql.join(conditions, sql` and `)}`;
}

/** Ids of the groups that match type, class, reason and queue; null where the filter names none of them. */
export async function groupsOf(tx: TenantTx, filter: ReviewFilter): Promise<readonly number[] | null> {
  const conditions = groupConditions(filter);
  const { queue } = filter;
  if (queue !== undefined) conditions.push(sql<SqlBool>`(queue = ${queue} or also_queue = ${queue})`);
  if (conditions.length === 0) return null;
  const { rows } = await sql<{ id: number }>`
    select id from review_groups where tenant = ${tx.tenant} and ${all(conditions)}`.execute(tx.db);
  return rows.map(({ id }) => id);
}

/** On a row of `review_groups`. The queue is not among them: a list counts its other queues too. */
export function groupConditions({ type, class: name, reason }: ReviewFilter): Condition[] {
  return [
    ...(type === undefined ? [] : [sql<SqlBool>`type = ${type}`]),
    ...(name === undefined ? [] : [sql<SqlBool>`class = ${name}`]),
    ...(reason === undefined ? [] : [sql<SqlBool>`${reason} = any(reasons)`]),
  ];
}

/** On a row of `reviews`: in one of these groups; null is any. */
export function inGroups(groups: readonly number[] | null): Condition[] {
  return groups === null ? [] : [sql<SqlBool>`group_id = any(${groups}::int[])`];
}

export function statusesOf({ status, isOverdue }: ReviewFilter): readonly ReviewStatus[] {
  const wanted = status ?? REVIEW_STATUSES;
  return isOverdue === true ? wanted.filter((each) => each !== 'closed') : wanted;
}

/** What is stored may differ from what is shown in one way: a claim that has run out is shown as open. */
export function statusConditions(statuses: readonly ReviewStatus[], now: string): Condition[] {
  const [isOpen, isClaimed] = [statuses.includes('open'), statuses.includes('claimed')];
  const stored = isOpen && !isClaimed ? [...statuses, 'claimed'] : statuses;
  const among = sql<SqlBool>`status = any(${stored}::text[])`;
  if (isOpen === isClaimed) return [among];
  const openAgain = isOpenAgain(now);
  return [among, isOpen ? sql<SqlBool>`(status <> 'claimed' or ${openAgain})` : sql<SqlBool>`not ${openAgain}`];
}

export function assigneeConditions({ assignee }: ReviewFilter, now: string): Condition[] {
  if (assignee === undefined) return [];
  return [sql<SqlBool>`claimed_by = ${assignee}`, sql<SqlBool>`not ${hasRunOut(now)}`];
}

/**
 * `half` (`is_closed`) is the half of the table that is read, null both. `due`: the due time as the order has it, so that an index
 * begins where the page does.
 */
export function overdueConditions(
  { isOverdue }: ReviewFilter,
  { now, half, due }: { readonly now: string; readonly half: boolean | null; readonly due?: Expression<unknown> },
): Condition[] {
  if (isOverdue === undefined) return [];
  const isLater = sql<SqlBool>`due_ascending >= ${now}::timestamptz`;
  if (!isOverdue && half !== null) return half ? [] : [isLater];
  if (!isOverdue) return [sql<SqlBool>`(is_closed or ${isLater})`];
  return [
    sql<SqlBool>`not is_closed`,
    sql<SqlBool>`due_at is not null`,
    sql<SqlBool>`${due ?? sql`due_at`} < ${now}::timestamptz`,
  ];
}

/** Halves of the table, which orders keep apart: closed reviews grow without end, the others don't. */
export function halvesOf(statuses: readonly ReviewStatus[]): readonly boolean[] {
  const isOpenWanted = OPEN_STATUSES.some((status) => statuses.includes(status));
  return [...(isOpenWanted ? [false] : []), ...(statuses.includes('closed') ? [true] : [])];
}
