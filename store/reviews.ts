import { type ExpressionBuilder, sql, type SqlBool } from 'kysely';
import type { Reason, ReviewStatus } from '../contracts/words/vocabulary';
import { behindCursor, type OrderKey, type Page, pageLimit, pageOf, type PageRequest } from './page';
import type { TenantTables } from './schema';
import type { TenantTx } from './store';
import { TASK_ROW_COLUMNS, type TaskRow } from './taskRow';

export interface ReviewRow {
  readonly id: string;
  readonly taskId: string;
  readonly type: string;
  readonly queue: string;
  /** As it is at the time asked for: a claim that has run out counts as open. */
  readonly status: ReviewStatus;
  readonly class: string | null;
  readonly mainReason: Reason | null;
  readonly reasons: readonly Reason[];
  readonly confidence: number | null;
  /** 1 (most urgent) to 5. */
  readonly priority: number;
  readonly openedAt: string;
  readonly dueAt: string | null;
  readonly claimedBy: string | null;
  readonly claimedUntil: string | null;
  readonly round: number;
  readonly digest: string;
  readonly reminders: number;
  readonly closedAt: string | null;
}

export type ReviewSortKey = 'due' | '-due' | 'age' | '-age' | 'priority' | '-priority';

export interface ReviewFilter {
  readonly status?: readonly ReviewStatus[];
  readonly queue?: string;
  readonly type?: string;
  readonly class?: string;
  readonly reason?: Reason;
  /** Who holds the claim. */
  readonly assignee?: string;
  /** Not closed, and due before now. */
  readonly isOverdue?: boolean;
}

export interface ReviewPage extends Page<ReviewRow> {
  /** Of all that match the filter without its status and queue. */
  readonly counts: readonly { readonly queue: string; readonly status: ReviewStatus; readonly count: number }[];
}

type ReviewExpressions = ExpressionBuilder<TenantTables, 'reviews'>;

const PLAIN_COLUMNS = [
  'id',
  'taskId',
  'type',
  'queue',
  'class',
  'mainReason',
  'reasons',
  'confidence',
  'priority',
  'openedAt',
  'dueAt',
  'round',
  'digest',
  'reminders',
  'closedAt',
] as const satisfies readonly (keyof ReviewRow)[];

const DUE = { name: 'due', kind: 'time' } as const;
const OPENED: Omit<OrderKey<ReviewRow>, 'isDescending'> = {
  name: 'opened',
  kind: 'time',
  expression: sql`opened_at`,
  valueOf: (row) => row.openedAt,
};
const PRIORITY: Omit<OrderKey<ReviewRow>, 'isDescending'> = {
  name: 'priority',
  kind: 'smallint',
  expression: sql`priority`,
  valueOf: (row) => row.priority,
};

/** Age grows as the opening lies back, so the oldest first (`-age`) is the earliest opening first. No due time sorts last. */
const SORTS: Readonly<Record<ReviewSortKey, OrderKey<ReviewRow>>> = {
  due: {
    ...DUE,
    expression: sql`coalesce(due_at, 'infinity')`,
    isDescending: false,
    valueOf: (row) => row.dueAt ?? 'infinity',
  },
  '-due': {
    ...DUE,
    expression: sql`coalesce(due_at, '-infinity')`,
    isDescending: true,
    valueOf: (row) => row.dueAt ?? '-infinity',
  },
  age: { ...OPENED, isDescending: true },
  '-age': { ...OPENED, isDescending: false },
  priority: { ...PRIORITY, isDescending: false },
  '-priority': { ...PRIORITY, isDescending: true },
};
const BY_ID: OrderKey<ReviewRow> = {
  name: 'id',
  kind: 'text',
  expression: sql`id`,
  isDescending: false,
  valueOf: (row) => row.id,
};
const DEFAULT_SORT: readonly ReviewSortKey[] = ['due', '-age', 'priority'];
const MOST_URGENT_FIRST: readonly ReviewSortKey[] = ['due', 'priority', '-age'];

/** `now` decides which claims have run out and what is overdue. Default sort: due, -age, priority; without a due time last. */
export async function listReviews(
  tx: TenantTx,
  request: ReviewFilter & PageRequest & { readonly now: string; readonly sort?: readonly ReviewSortKey[] },
): Promise<ReviewPage> {
  const limit = pageLimit(request);
  const order = [...(request.sort ?? DEFAULT_SORT).map((key) => SORTS[key]), BY_ID];
  const { cursor, now } = request;
  const rows = await selectReviews(tx, { now, order, limit: limit + 1 })
    .where((eb) => eb.and([...conditionsOf(eb, request, now), ...placeConditionsOf(eb, request, now)]))
    .$if(cursor !== undefined, (query) => query.where((eb) => behindCursor(eb, order, cursor ?? '')))
    .execute();
  return { ...pageOf<ReviewRow>(rows, order, limit), counts: await countReviews(tx, request) };
}

function selectReviews(
  tx: TenantTx,
  {
    now,
    order,
    limit,
  }: { readonly now: string; readonly order: readonly OrderKey<ReviewRow>[]; readonly limit: number },
) {
  const select = tx.db
    .selectFrom('reviews')
    .select(PLAIN_COLUMNS)
    .select([statusAt(now).as('status')])
    .select([whileClaimed('claimed_by', now).as('claimedBy'), whileClaimed('claimed_until', now).as('claimedUntil')])
    .where('tenant', '=', tx.tenant)
    .limit(limit);
  return order.reduce((query, key) => query.orderBy(key.expression, key.isDescending ? 'desc' : 'asc'), select);
}

function hasRunOut(now: string) {
  return sql<SqlBool>`(status = 'claimed' and claimed_until <= ${now}::timestamptz)`;
}

function statusAt(now: string) {
  return sql<ReviewStatus>`case when ${hasRunOut(now)} then 'open' else status end`;
}

function whileClaimed(column: 'claimed_by' | 'claimed_until', now: string) {
  return sql<string | null>`case when ${hasRunOut(now)} then null else ${sql.ref(column)} end`;
}

function conditionsOf(eb: ReviewExpressions, filter: ReviewFilter, now: string) {
  const isOverdue = eb.and([eb('status', '!=', 'closed'), sql<SqlBool>`coalesce(due_at < ${now}::timestamptz, false)`]);
  return [
    filter.type !== undefined && eb('type', '=', filter.type),
    filter.class !== undefined && eb('class', '=', filter.class),
    filter.reason && sql<SqlBool>`${filter.reason} = any(reasons)`,
    filter.assignee !== undefined && eb.and([eb('claimedBy', '=', filter.assignee), eb.not(hasRunOut(now))]),
    filter.isOverdue !== undefined && (filter.isOverdue ? isOverdue : eb.not(isOverdue)),
  ].filter((condition) => condition !== undefined && condition !== false);
}

function placeConditionsOf(eb: ReviewExpressions, filter: ReviewFilter, now: string) {
  return [
    filter.status && eb(statusAt(now), 'in', filter.status),
    filter.queue !== undefined && eb('queue', '=', filter.queue),
  ].filter((condition) => condition !== undefined && condition !== false);
}

function countReviews(tx: TenantTx, request: ReviewFilter & { readonly now: string }) {
  return tx.db
    .selectFrom((eb) =>
      eb
        .selectFrom('reviews')
        .select(['queue', statusAt(request.now).as('status')])
        .where('tenant', '=', tx.tenant)
        .where((inner) => inner.and(conditionsOf(inner, request, request.now)))
        .as('matching'),
    )
    .select((eb) => ['queue', 'status', eb.fn.countAll<number>().as('count')] as const)
    .groupBy(['queue', 'status'])
    .orderBy('queue')
    .orderBy('status')
    .execute();
}

/** Reviews that nobody holds, most urgent first (due, priority, age), at most `limit` (default 10). */
export async function nextReviewCandidates(
  tx: TenantTx,
  request: { readonly queue?: string; readonly now: string; readonly limit?: number },
): Promise<readonly ReviewRow[]> {
  const { queue, now } = request;
  const order = [...MOST_URGENT_FIRST.map((key) => SORTS[key]), BY_ID];
  return selectReviews(tx, { now, order, limit: request.limit ?? 10 })
    .where('status', '!=', 'closed')
    .where(statusAt(now), '=', 'open')
    .$if(queue !== undefined, (query) => query.where('queue', '=', queue ?? ''))
    .execute();
}

export async function readReview(
  tx: TenantTx,
  request: { readonly reviewId: string; readonly now: string },
): Promise<ReviewRow | null> {
  const row = await selectReviews(tx, { now: request.now, order: [], limit: 1 })
    .where('id', '=', request.reviewId)
    .executeTakeFirst();
  return row ?? null;
}

/** Tasks of the same type and class that a person decided on, latest first. */
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
    .orderBy('completedAt', 'desc')
    .limit(request.limit)
    .execute();
}
