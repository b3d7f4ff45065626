import { type RawBuilder, sql } from 'kysely';
import type { ReviewStatus } from '../contracts/words/vocabulary';
import { all, assigneeConditions, groupConditions, overdueConditions, type ReviewFilter } from './reviewFilter';
import { isOpenAgain, statusAt } from './reviewRow';
import type { TenantTx } from './store';

export interface ReviewCount {
  readonly queue: string;
  readonly status: ReviewStatus;
  readonly count: number;
}

/**
 * Reviews that match the filter without its status and queue, by queue and status; one that is in two queues counts in both. From
 * the counters, so that it costs the same however many there are; those that are late or held are counted one by one, in an index.
 */
export async function countReviews(tx: TenantTx, filter: ReviewFilter, now: string): Promise<readonly ReviewCount[]> {
  const { rows } = await sql<ReviewCount>`
    with counted as (${sourceOf(tx, filter, now)})
    select place.queue, status, sum(count)::bigint as count
    from counted
      join review_groups as g on g.tenant = ${tx.tenant} and g.id = counted.group_id
      cross join lateral (values (g.queue), (g.also_queue)) as place (queue)
    where place.queue <> '' and ${all(groupConditions(filter))}
    group by place.queue, status having sum(count) <> 0 order by place.queue, status`.execute(tx.db);
  return rows;
}

/** Rows of group, status and count; of the same group and status there may be several, which add up. */
function sourceOf(tx: TenantTx, filter: ReviewFilter, now: string): RawBuilder<unknown> {
  if (filter.assignee !== undefined || filter.isOverdue === true) return oneByOne(tx, filter, now);
  const kept = sql`
    select group_id, status, sum(count) as count from review_counts where tenant = ${tx.tenant} group by group_id, status
    union all select group_id, shown_as, difference * count(*) from reviews
      cross join (values ('claimed', -1), ('open', 1)) as change (shown_as, difference)
      where tenant = ${tx.tenant} and ${isOpenAgain(now)} group by group_id, shown_as, difference`;
  if (filter.isOverdue === undefined) return kept;
  const overdue = oneByOne(tx, { ...filter, isOverdue: true }, now);
  return sql`${kept} union all select group_id, status, -count from (${overdue}) as overdue`;
}

function oneByOne(tx: TenantTx, filter: ReviewFilter, now: string): RawBuilder<unknown> {
  const conditions = [...assigneeConditions(filter, now), ...overdueConditions(filter, { now, half: null })];
  return sql`
    select group_id, ${statusAt(now)} as status, count(*) as count from reviews
    where tenant = ${tx.tenant} and ${all(conditions)} group by 1, 2`;
}
