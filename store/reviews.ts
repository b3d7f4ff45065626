import { expressionBuilder, type RawBuilder, sql, type SqlBool } from 'kysely';
import { behindCursor, type OrderKey, type Page, pageLimit, pageOf, type PageRequest } from './page';
import { countReviews, type ReviewCount } from './reviewCounts';
import {
  all,
  assigneeConditions,
  groupsOf,
  halvesOf,
  inGroups,
  overdueConditions,
  type ReviewFilter,
  statusConditions,
  statusesOf,
} from './reviewFilter';
import { BY_URGENCY, dueOf, orderBy, reviewOrder, type ReviewSortKey } from './reviewOrder';
import { REVIEW_COLUMNS, type ReviewRow, shownColumns } from './reviewRow';
import { strangerCondition, takeableConditions, type Taker } from './reviewTaker';
import type { TenantTables } from './schema';
import type { TenantTx } from './store';
import { TASK_ROW_COLUMNS, type TaskRow } from './taskRow';

export type { ReviewFilter, ReviewRow, ReviewSortKey, Taker };

export interface ReviewPage extends Page<ReviewRow> {
  /** Of all that match the filter without its status and queue. A review that is in two queues counts in both. */
  readonly counts: readonly ReviewCount[];
}

/** How a page is found, for whoever asks; the answer is the same. */
export interface PageSearch {
  /**
   * So many rows that match are read and sorted; of more, the page is found in the order of an index. However they are spread over
   * it, so many cost less than the search (measured: docs/adr/0015-inbox.md). Default 10,000.
   */
  readonly fewRows?: number;
}

const FEW_ROWS = 10_000;

/** `now` decides which claims have run out and what is overdue. Default sort: due, -age, priority; without a due time last. */
export async function listReviews(
  tx: TenantTx,
  request: ReviewFilter & PageRequest & PageSearch & { readonly now: string; readonly sort?: readonly ReviewSortKey[] },
): Promise<ReviewPage> {
  const limit = pageLimit(request);
  const order = reviewOrder(request.sort);
  const { cursor, now } = request;
  const behind = cursor === undefined ? [] : [behindReview(order, cursor)];
  await neverInSequence(tx);
  const counts = await countReviews(tx, request, now);
  const matching = countOf(counts, request);
  if (matching === 0) return { items: [], nextCursor: null, counts };
  const statuses = statusesOf(request);
  const conditions = [
    ...statusConditions(statuses, now),
    ...inGroups(await groupsOf(tx, request)),
    ...assigneeConditions(request, now),
    ...behind,
  ];
  const conditionsOf = (half: boolean | null) => [
    ...conditions,
    ...overdueConditions(request, { now, half, ...dueOf(order) }),
  ];
  const halves = matching > (request.fewRows ?? FEW_ROWS) ? halvesOf(statuses) : [null];
  const rows = await selectReviews(tx, { now, order, limit: limit + 1, conditionsOf, halves });
  return { ...pageOf<ReviewRow>(rows, order, limit), counts };
}

function behindReview(order: readonly OrderKey<ReviewRow>[], cursor: string): RawBuilder<SqlBool> {
  const behind = behindCursor(expressionBuilder<TenantTables, 'reviews'>(), order, cursor);
  return sql<SqlBool>`${behind}`;
}

/** How many the page's filter matches, or somewhat more: those in two queues are counted twice. */
function countOf(counts: readonly ReviewCount[], { queue, status }: ReviewFilter): number {
  return counts
    .filter((each) => queue === undefined || each.queue === queue)
    .filter((each) => status === undefined || status.includes(each.status))
    .reduce((sum, { count }) => sum + count, 0);
}

/**
 * Every query of the inbox has an index, also where the planner has not counted the rows yet, or the table is so small that reading
 * it whole looks cheap. For the rest of the transaction.
 */
async function neverInSequence(tx: TenantTx): Promise<void> {
  await sql`select set_config('enable_seqscan', 'off', true)`.execute(tx.db);
}

interface Selection {
  readonly now: string;
  readonly order: readonly OrderKey<ReviewRow>[];
  readonly limit: number;
  readonly conditionsOf: (half: boolean | null) => readonly RawBuilder<SqlBool>[];
  /** Asked of the rows in order until there are enough: what is dear to ask. */
  readonly lastly?: RawBuilder<SqlBool>;
  /** Each half of the table (`is_closed`) is read in the order of its index; null: all that match are read, then sorted. */
  readonly halves: readonly (boolean | null)[];
}

async function selectReviews(tx: TenantTx, selection: Selection): Promise<readonly ReviewRow[]> {
  const { now, order, limit, halves, lastly } = selection;
  const parts = halves.map((half) => (half === null ? fewRows(tx, selection) : inOrder(tx, selection, half)));
  const { rows } = await sql<ReviewRow>`
    select ${shownColumns(now)} from (${sql.join(parts, sql` union all `)}) as reviews
    where ${lastly ?? all([])} order by ${orderBy(order)} limit ${limit}`.execute(tx.db);
  return rows;
}

function inOrder(
  tx: TenantTx,
  { order, limit, conditionsOf, lastly = all([]) }: Selection,
  isClosed: boolean,
): RawBuilder<unknown> {
  return sql`(
    select ${REVIEW_COLUMNS} from reviews
    where tenant = ${tx.tenant} and is_closed = ${sql.raw(String(isClosed))} and ${all(conditionsOf(isClosed))} and ${lastly}
    order by ${orderBy(order)} limit ${limit})`;
}

/** `offset 0`: the planner must not read them in the order of the page, which it takes for cheaper where it can't know the spread. */
function fewRows(tx: TenantTx, { order, conditionsOf, lastly }: Selection): RawBuilder<unknown> {
  const rows = sql`(
    select ${REVIEW_COLUMNS} from reviews where tenant = ${tx.tenant} and ${all(conditionsOf(null))} offset 0)`;
  return lastly ? sql`(select * from ${rows} as reviews order by ${orderBy(order)} offset 0)` : rows;
}

/** Which reviews somebody is looking for. */
export interface NextReviews extends Taker {
  readonly queue?: string;
  /** Those that were tried already. Default: none. */
  readonly except?: readonly string[];
  readonly now: string;
}

/** Reviews that nobody holds and that the taker may decide on, most urgent first (due, priority, age), at most `limit` (default 10). */
export async function nextReviewCandidates(
  tx: TenantTx,
  request: NextReviews & PageSearch & { readonly limit?: number },
): Promise<readonly ReviewRow[]> {
  const { now, limit = 10 } = request;
  const filter: ReviewFilter = { status: ['open'], ...(request.queue !== undefined && { queue: request.queue }) };
  await neverInSequence(tx);
  const matching = countOf(await countReviews(tx, {}, now), filter);
  if (matching === 0) return [];
  const conditions = [...nextConditions(request), ...inGroups(await groupsOf(tx, filter))];
  const halves = matching > (request.fewRows ?? FEW_ROWS) ? [false] : [null];
  const lastly = strangerCondition(tx, request);
  return selectReviews(tx, { now, order: BY_URGENCY, limit, conditionsOf: () => conditions, lastly, halves });
}

function nextConditions({ except = [], now, ...taker }: NextReviews): RawBuilder<SqlBool>[] {
  return [...takeableConditions(taker, now), sql<SqlBool>`id <> all(${except}::text[])`];
}

/** Those among them that are gold meant for the taker, oldest first, at most 10. */
export async function waitingGold(tx: TenantTx, request: NextReviews): Promise<readonly { readonly id: string }[]> {
  const { actor, queue } = request;
  const inQueue = queue === undefined ? all([]) : sql<SqlBool>`(queue = ${queue} or also_queue = ${queue})`;
  const { rows } = await sql<{ id: string }>`
    select id from reviews join gold_tasks on gold_tasks.tenant = reviews.tenant and gold_tasks.task_id = reviews.task_id
    where gold_tasks.tenant = ${tx.tenant} and gold_tasks.meant_for = ${actor}
      and ${inQueue} and ${all(nextConditions(request))} and ${strangerCondition(tx, request)}
    order by gold_tasks.created_at limit 10`.execute(tx.db);
  return rows;
}

export async function readReview(
  tx: TenantTx,
  request: { readonly reviewId: string; readonly now: string },
): Promise<ReviewRow | null> {
  const [row] = await readReviews(tx, { reviewIds: [request.reviewId], now: request.now });
  return row ?? null;
}

/** Those of these ids that there are, in any order. */
export async function readReviews(
  tx: TenantTx,
  { reviewIds, now }: { readonly reviewIds: readonly string[]; readonly now: string },
): Promise<readonly ReviewRow[]> {
  const { rows } = await sql<ReviewRow>`
    select ${shownColumns(now)} from reviews where tenant = ${tx.tenant} and id = any(${reviewIds}::text[])`.execute(
    tx.db,
  );
  return rows;
}

/** Tasks of the same type and class that a person decided on, latest first; never gold, nor what the gold on the screen is made from. */
export function similarDecided(
  tx: TenantTx,
  request: { readonly type: string; readonly class: string; readonly limit: number; readonly exceptTaskId?: string },
): Promise<readonly TaskRow[]> {
  return tx.db
    .selectFrom('tasks')
    .select(TASK_ROW_COLUMNS)
    .where('tenant', '=', tx.tenant)
    .where('type', '=', request.type)
    .where('class', '=', request.class)
    .where('outcome', 'in', ['approved', 'corrected', 'declined'])
    .where('id', '!=', request.exceptTaskId ?? '')
    .where('isGold', '=', false)
    .where(
      sql<boolean>`id not in (
      select c.source_task_id from gold_tasks g join gold_cases c on c.tenant = g.tenant and c.id = g.case_id
      where g.tenant = ${tx.tenant} and g.task_id = ${request.exceptTaskId ?? ''})`,
    )
    .orderBy('completedAt', 'desc')
    .limit(request.limit)
    .execute();
}
