import { type Expression, type ExpressionBuilder, type SelectQueryBuilder, type SqlBool, sql } from 'kysely';

export interface PageRequest {
  /** 1 to 200; default 50. */
  readonly limit?: number;
  /** `nextCursor` of the page before. Throws an InvalidCursorError where it is anything else. */
  readonly cursor?: string | undefined;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Null on the last page. */
  readonly nextCursor: string | null;
}

export class InvalidCursorError extends Error {
  override readonly name = 'InvalidCursorError';
  constructor() {
    super('the cursor is not one of this list; take nextCursor of the page before, with the same sort');
  }
}

/** One key of a list's order. The keys of a list tell any two of its rows apart, so that no row is on two pages or on none. */
export interface OrderKey<Row> {
  /** Names the key within a cursor. */
  readonly name: string;
  /** What its values are: one of a cursor that is no such value would be an error of the query, not of the request. */
  readonly kind: 'time' | 'text' | 'smallint' | 'count';
  readonly expression: Expression<unknown>;
  readonly isDescending: boolean;
  readonly valueOf: (row: Row) => string | number;
}

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

export function pageLimit(request: PageRequest): number {
  return Math.min(Math.max(1, Math.trunc(request.limit ?? DEFAULT_LIMIT)), MAX_LIMIT);
}

/** A page of a list, in its order. */
export async function readPage<DB, TB extends keyof DB, Row>(
  list: SelectQueryBuilder<DB, TB, Row>,
  order: readonly OrderKey<Row>[],
  request: PageRequest,
): Promise<Page<Row>> {
  const { cursor } = request;
  const limit = pageLimit(request);
  const rest = cursor === undefined ? list : list.where((eb) => behindCursor(eb, order, cursor));
  const sorted = order.reduce(
    (query, { expression, isDescending }) => query.orderBy(expression, isDescending ? 'desc' : 'asc'),
    rest,
  );
  return pageOf(await sorted.limit(limit + 1).execute(), order, limit);
}

/** Cuts what was read with one row more than the limit. */
export function pageOf<Row>(rows: readonly Row[], order: readonly OrderKey<Row>[], limit: number): Page<Row> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last !== undefined ? encodeCursor(order, last) : null };
}

/**
 * Rows behind the cursor: behind in the first key, or equal in it and behind in the next, and so on. Where all keys go the same way
 * that is one comparison of rows, by which an index begins at the cursor; else an index begins where the first key is equal.
 */
export function behindCursor<Row, DB, TB extends keyof DB>(
  eb: ExpressionBuilder<DB, TB>,
  order: readonly OrderKey<Row>[],
  cursor: string,
): Expression<SqlBool> {
  const values = decodeCursor(order, cursor);
  const [first] = order;
  if (first === undefined) throw new RangeError('a list without an order has no pages');
  if (order.every((key) => key.isDescending === first.isDescending)) {
    const keys = sql.join(order.map((key) => key.expression));
    return sql<SqlBool>`(${keys}) ${sql.raw(first.isDescending ? '<' : '>')} (${sql.join(values)})`;
  }
  const ways = order.map((key, i) => {
    const equalBefore = order.slice(0, i).map((before, j) => sql<SqlBool>`${before.expression} = ${values[j]}`);
    const comparison = sql.raw(key.isDescending ? '<' : '>');
    return eb.and([...equalBefore, sql<SqlBool>`${key.expression} ${comparison} ${values[i]}`]);
  });
  const fromHere = sql<SqlBool>`${first.expression} ${sql.raw(first.isDescending ? '<=' : '>=')} ${values[0]}`;
  return eb.and([fromHere, eb.or(ways)]);
}

function fingerprint<Row>(order: readonly OrderKey<Row>[]): string {
  return order.map((key) => (key.isDescending ? '-' : '') + key.name).join(',');
}

function encodeCursor<Row>(order: readonly OrderKey<Row>[], last: Row): string {
  const content = [fingerprint(order), ...order.map((key) => key.valueOf(last))];
  return Buffer.from(JSON.stringify(content), 'utf8').toString('base64url');
}

export function decodeCursor<Row>(order: readonly OrderKey<Row>[], cursor: string): readonly (string | number)[] {
  const [of, ...values] = parseCursor(cursor);
  const isOfThisList = of === fingerprint(order) && values.length === order.length;
  if (!isOfThisList || !order.every((key, i) => IS_VALUE[key.kind](values[i]))) throw new InvalidCursorError();
  // Checked: each is a text or a number.
  return values as (string | number)[];
}

const MAX_SMALLINT = 32_767;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const IS_VALUE: Readonly<Record<OrderKey<unknown>['kind'], (value: unknown) => boolean>> = {
  time: (value) => typeof value === 'string' && (/^-?infinity$/.test(value) || isTime(value)),
  text: (value) => typeof value === 'string' && !value.includes('\0'),
  count: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
  smallint: (value) => Number.isInteger(value) && Math.abs(Number(value)) <= MAX_SMALLINT,
};

/** Of a day that there is: `Date` reads the 31st of February as the 3rd of March, and knows a year 0, which PostgreSQL does not. */
function isTime(value: string): boolean {
  const ms = TIME.test(value) ? Date.parse(value) : Number.NaN;
  return !Number.isNaN(ms) && new Date(ms).toISOString() === value && !value.startsWith('0000');
}

function parseCursor(cursor: string): readonly unknown[] {
  try {
    const content: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(content) ? content : [];
  } catch {
    return [];
  }
}
