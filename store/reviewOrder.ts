import { type Expression, type RawBuilder, sql } from 'kysely';
import type { OrderKey } from './page';
import type { ReviewRow } from './reviewRow';

export type ReviewSortKey = 'due' | '-due' | 'age' | '-age' | 'priority' | '-priority';

type Key = OrderKey<ReviewRow>;

const ascending = (key: Omit<Key, 'isDescending'>): Key => ({ ...key, isDescending: false });
const descending = (key: Omit<Key, 'isDescending'>): Key => ({ ...key, isDescending: true });

const DUE = {
  name: 'due',
  kind: 'time',
  expression: sql`due_ascending`,
  valueOf: (row: ReviewRow) => row.dueAt ?? 'infinity',
} as const;
/** Without a due time last here too. */
const DUE_BACKWARDS = {
  name: 'due',
  kind: 'time',
  expression: sql`due_descending`,
  valueOf: (row: ReviewRow) => row.dueAt ?? '-infinity',
} as const;
const OPENED = {
  name: 'opened',
  kind: 'time',
  expression: sql`opened_at`,
  valueOf: (row: ReviewRow) => row.openedAt,
} as const;
const PRIORITY = {
  name: 'priority',
  kind: 'smallint',
  expression: sql`priority`,
  valueOf: (row: ReviewRow) => row.priority,
} as const;
const ID = { name: 'id', kind: 'text', expression: sql`id`, valueOf: (row: ReviewRow) => row.id } as const;

/** Age grows as the opening lies back, so the oldest first (`-age`) is the earliest opening first. */
const KEYS: Readonly<Record<ReviewSortKey, Key>> = {
  due: ascending(DUE),
  '-due': descending(DUE_BACKWARDS),
  age: descending(OPENED),
  '-age': ascending(OPENED),
  priority: ascending(PRIORITY),
  '-priority': descending(PRIORITY),
};

/** The orders that an index holds, by their first key: what is equal in it goes on as a person would want it. */
const INDEXED: Readonly<Record<ReviewSortKey, readonly Key[]>> = {
  due: [DUE, OPENED, PRIORITY, ID].map(ascending),
  '-due': [DUE_BACKWARDS, ID].map(descending),
  age: [OPENED, ID].map(descending),
  '-age': [OPENED, ID].map(ascending),
  priority: [PRIORITY, DUE, OPENED, ID].map(ascending),
  '-priority': [PRIORITY, DUE, OPENED, ID].map(descending),
};

/** What a person should do next: the due, of these the most urgent, of these the oldest. */
export const BY_URGENCY: readonly Key[] = [DUE, PRIORITY, OPENED, ID].map(ascending);

/** Default: due, -age, priority. What a sort leaves equal is told apart by the rest of an order that an index holds, where one fits. */
export function reviewOrder(sort: readonly ReviewSortKey[] | undefined): readonly Key[] {
  const [first = 'due'] = sort ?? [];
  const asked = (sort ?? ['due']).map((key) => KEYS[key]);
  const indexed = INDEXED[first];
  const isItsStart = asked.every(
    (key, i) => key.expression === indexed[i]?.expression && key.isDescending === indexed[i].isDescending,
  );
  return isItsStart ? indexed : [...asked, ascending(ID)];
}

export function orderBy(order: readonly Key[]): RawBuilder<unknown> {
  return sql.join(order.map((key) => sql`${key.expression} ${sql.raw(key.isDescending ? 'desc' : 'asc')}`));
}

/** The due time as an order that begins with it has it. */
export function dueOf([first]: readonly Key[]): { readonly due?: Expression<unknown> } {
  return first?.name === DUE.name ? { due: first.expression } : {};
}
