import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Kysely, sql } from 'kysely';
import { reviewIdOf } from '../../contracts/words/names';
import type { ReviewState } from '../../contracts/words/task';
import { REVIEW_STATUSES, type ReviewStatus } from '../../contracts/words/vocabulary';
import { acceptTask } from '../../store/acceptTask';
import { tasksOfEndedClaims } from '../../store/changedTasks';
import { up } from '../../store/migrations/0003_inbox';
import { projectTask } from '../../store/projectTask';
import {
  listReviews,
  nextReviewCandidates,
  readReview,
  type ReviewFilter,
  type ReviewSortKey,
} from '../../store/reviews';
import { asOwner } from './asOwner';
import {
  exampleClass,
  exampleReview,
  exampleRound,
  exampleState,
  exampleTask,
  LOW_CONFIDENCE,
  minutesLater,
  refOf,
} from './exampleTask';
import { openTestStore, type TestStore } from './testStore';

const NOW = minutesLater(60);
const COUNT = 90;
const CHECKS_FAILED = { ...LOW_CONFIDENCE, reason: 'checks_failed' } as const;
const SORT_KEYS: readonly ReviewSortKey[] = ['due', '-due', 'age', '-age', 'priority', '-priority'];

/** Few values of each kind, so that most sorts have ties. */
function pick<T>(values: readonly T[], seed: number): T {
  // There is one at each index below the length.
  return values[seed % values.length] as T;
}

interface Example {
  readonly id: string;
  readonly type: string;
  readonly class: string;
  readonly priority: number;
  readonly review: ReviewState;
}

let test_: TestStore;
let examples: Example[];

function exampleOf(i: number): Example {
  const statuses = ['open', 'open', 'claimed', 'waiting_for_caller', 'closed', 'claimed', 'revising'] as const;
  const status = pick(statuses, i);
  const claim = { by: pick(['key_2', 'key_3'], i), since: minutesLater(1), until: minutesLater(pick([40, 60, 80], i)) };
  const type = pick(['bank-support', 'invoice-extract'], Math.floor(i / 3));
  const task = exampleTask(test_.keyring, `inbox ${i}`, { type, priority: pick([3, 1, 5], i) });
  const reasons = pick([[LOW_CONFIDENCE], [CHECKS_FAILED, LOW_CONFIDENCE], []], Math.floor(i / 5));
  const review = exampleReview(task, {
    status,
    queue: pick(['support', 'finance', 'vip'], Math.floor(i / 2)),
    alsoQueue: pick([null, 'escalations', null, 'vip', null], i),
    openedAt: minutesLater(pick([3, 1, 2, 0], i)),
    dueAt: pick([null, minutesLater(30), minutesLater(60), minutesLater(90)], Math.floor(i / 4)),
    claim: status === 'claimed' || status === 'waiting_for_caller' ? claim : null,
    closedAt: status === 'closed' ? NOW : null,
    rounds: [exampleRound(1, { reasons })],
  });
  const isTwiceInOne = review.alsoQueue === review.queue;
  const { priority } = task;
  return {
    id: review.id,
    type,
    class: pick(['a', 'b'], i),
    priority,
    review: isTwiceInOne ? { ...review, alsoQueue: null } : review,
  };
}

beforeAll(async () => {
  test_ = await openTestStore();
  examples = Array.from({ length: COUNT }, (_, i) => exampleOf(i));
  for (const [i, example] of examples.entries()) await put(`inbox ${i}`, example, 1);
});
afterAll(() => test_.close());

async function put(key: string, { type, priority, class: name, review }: Example, revision: number): Promise<void> {
  const { store, keyring } = test_;
  const task = exampleTask(keyring, key, { type, priority });
  const state = exampleState(revision, { class: exampleClass(name), review });
  await store.inTenant('acme', async (tx) => {
    await acceptTask(tx, keyring, task);
    await projectTask(tx, refOf(task), { state, events: [] });
  });
}

function statusOf({ review }: Example): ReviewStatus {
  return review.status === 'claimed' && (review.claim?.until ?? '') <= NOW ? 'open' : review.status;
}

function holderOf({ review: { claim } }: Example): string | null {
  return claim !== null && claim.until > NOW ? claim.by : null;
}

function queuesOf({ review }: Example): readonly string[] {
  return [review.queue, ...(review.alsoQueue ? [review.alsoQueue] : [])];
}

function isMatch(example: Example, filter: ReviewFilter): boolean {
  const { review } = example;
  const reasons = review.rounds[0]?.reasons.map(({ reason }) => reason) ?? [];
  const isOverdue = review.status !== 'closed' && review.dueAt !== null && review.dueAt < NOW;
  return (
    (filter.type === undefined || filter.type === example.type) &&
    (filter.class === undefined || filter.class === example.class) &&
    (filter.reason === undefined || reasons.includes(filter.reason)) &&
    (filter.assignee === undefined || holderOf(example) === filter.assignee) &&
    (filter.isOverdue === undefined || filter.isOverdue === isOverdue)
  );
}

function isOnPage(example: Example, filter: ReviewFilter): boolean {
  return (
    isMatch(example, filter) &&
    (filter.queue === undefined || queuesOf(example).includes(filter.queue)) &&
    (filter.status === undefined || filter.status.includes(statusOf(example)))
  );
}

/** The keys of a sort as numbers that grow down the list. */
function ranksOf({ review, priority }: Example, sort: readonly ReviewSortKey[]): readonly number[] {
  const due = review.dueAt === null ? null : Date.parse(review.dueAt);
  const rank: Readonly<Record<ReviewSortKey, number>> = {
    due: due ?? Infinity,
    '-due': due === null ? Infinity : -due,
    age: -Date.parse(review.openedAt),
    '-age': Date.parse(review.openedAt),
    priority,
    '-priority': -priority,
  };
  return sort.map((key) => rank[key]);
}

function bruteCounts(filter: ReviewFilter): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const example of examples.filter((each) => isMatch(each, filter)))
    for (const queue of queuesOf(example)) {
      const place = `${queue} ${statusOf(example)}`;
      counts[place] = (counts[place] ?? 0) + 1;
    }
  return counts;
}

async function countsOf(filter: ReviewFilter): Promise<Readonly<Record<string, number>>> {
  const { counts } = await test_.store.inTenant('acme', (tx) => listReviews(tx, { ...filter, now: NOW, limit: 1 }));
  return Object.fromEntries(counts.map(({ queue, status, count }) => [`${queue} ${status}`, count]));
}

interface Listing {
  readonly filter: ReviewFilter;
  readonly sort: readonly ReviewSortKey[];
  readonly limit: number;
  readonly fewRows: number;
}

async function pagesOf({ filter, sort, limit, fewRows }: Listing): Promise<readonly string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const request = { ...filter, now: NOW, sort, limit, cursor, fewRows };
    const page = await test_.store.inTenant('acme', (tx) => listReviews(tx, request));
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return ids;
}

function expectSorted(ids: readonly string[], sort: readonly ReviewSortKey[]): void {
  const byId = new Map(examples.map((example) => [example.id, example]));
  const ranks = ids.map((id) => ranksOf(byId.get(id) ?? examples[0] ?? exampleOf(0), sort));
  const sorted = ranks.toSorted((a, b) => {
    const at = a.findIndex((value, i) => value !== b[i]);
    return at === -1 ? 0 : (a[at] ?? 0) < (b[at] ?? 0) ? -1 : 1;
  });
  expect(ranks).toEqual(sorted);
}

/** Both ways to find a page: in the order of an index, and by reading and sorting all that match. */
const WAYS = [0, 10_000];

describe('pages', () => {
  test.each(SORT_KEYS.flatMap((key) => WAYS.map((fewRows) => [key, fewRows] as const)))(
    'by %s hold each review once, in order, through all ties (few rows: %d)',
    async (key, fewRows) => {
      const ids = await pagesOf({ filter: {}, sort: [key], limit: 7, fewRows });
      expect(ids.toSorted()).toEqual(examples.map(({ id }) => id).toSorted());
      expectSorted(ids, [key]);
    },
  );

  const filters: fc.Arbitrary<ReviewFilter> = fc.record(
    {
      status: fc.subarray<ReviewStatus>([...REVIEW_STATUSES], { minLength: 1 }),
      queue: fc.constantFrom('support', 'finance', 'vip', 'escalations', 'nowhere'),
      type: fc.constantFrom('bank-support', 'invoice-extract'),
      class: fc.constantFrom('a', 'b'),
      reason: fc.constantFrom('low_confidence' as const, 'checks_failed' as const, 'out_of_scope' as const),
      assignee: fc.constantFrom('key_2', 'key_9'),
      isOverdue: fc.boolean(),
    },
    { requiredKeys: [] },
  );
  const sorts = fc
    .shuffledSubarray<'due' | 'age' | 'priority'>(['due', 'age', 'priority'], { minLength: 1 })
    .chain((keys) => fc.tuple(...keys.map((key) => fc.constantFrom<ReviewSortKey>(key, `-${key}`))));

  test('of any filter, sort and size hold what matches once, with the counts that counting gives', async () => {
    const listings = fc.record({
      filter: filters,
      sort: sorts,
      limit: fc.integer({ min: 1, max: 40 }),
      fewRows: fc.constantFrom(...WAYS),
    });
    await fc.assert(
      fc.asyncProperty(listings, async (listing) => {
        const ids = await pagesOf(listing);
        const expected = examples.filter((example) => isOnPage(example, listing.filter)).map(({ id }) => id);
        expect(ids.toSorted()).toEqual(expected.toSorted());
        expectSorted(ids, listing.sort);
        expect(await countsOf(listing.filter)).toEqual(bruteCounts(listing.filter));
      }),
      { numRuns: 60 },
    );
  });

  test.each(WAYS)('a review in two queues can be taken next from both (few rows: %d)', async (fewRows) => {
    for (const queue of ['support', 'escalations', 'vip']) {
      const next = await test_.store.inTenant('acme', (tx) =>
        nextReviewCandidates(tx, { actor: 'key_9', roles: ['reviewer'], queue, now: NOW, limit: 100, fewRows }),
      );
      const expected = examples.filter((example) => isOnPage(example, { queue, status: ['open'] }));
      expect(next.map(({ id }) => id).toSorted()).toEqual(expected.map(({ id }) => id).toSorted());
      expectSorted(
        next.map(({ id }) => id),
        ['due', 'priority', '-age'],
      );
    }
  });
});

describe('counts', () => {
  test('follow each review through queues, classes and statuses', async () => {
    const key = 'wanderer';
    const task = exampleTask(test_.keyring, key);
    const start = { id: reviewIdOf(task.taskId), type: 'bank-support', class: 'a', priority: 3 };
    const steps: readonly Partial<Example & ReviewState>[] = [
      {},
      { status: 'claimed', claim: { by: 'key_2', since: NOW, until: minutesLater(61) } },
      { class: 'b', alsoQueue: 'vip' },
      { queue: 'vip', alsoQueue: 'vip' },
      { status: 'waiting_for_caller' },
      { status: 'closed', closedAt: NOW },
    ];
    for (const [i, step] of steps.entries()) {
      const example: Example = {
        ...start,
        class: step.class ?? 'a',
        review: exampleReview(task, { dueAt: minutesLater(30), ...step }),
      };
      await put(key, example, i + 1);
      const { review } = example;
      const kept = { ...example, review: review.alsoQueue === review.queue ? { ...review, alsoQueue: null } : review };
      examples = [...examples.filter(({ id }) => id !== kept.id), kept];
      for (const filter of [{}, { class: 'b' }, { isOverdue: true }, { isOverdue: false }])
        expect([step, await countsOf(filter)]).toEqual([step, bruteCounts(filter)]);
    }
    const state = exampleState(1, { run: 'after a reset' });
    await test_.store.inTenant('acme', (tx) => projectTask(tx, refOf(task), { state, events: [] }));
    examples = examples.filter(({ id }) => id !== start.id);
    expect(await countsOf({})).toEqual(bruteCounts({}));
  });

  test('stay right when many write at once', async () => {
    const changed = examples.slice(0, 30).map((example, i) => {
      const review = { ...example.review, status: pick(['open', 'closed'] as const, i), claim: null };
      return { ...example, review };
    });
    await Promise.all(changed.map((example, i) => put(`inbox ${i}`, example, 2)));
    examples = [...changed, ...examples.slice(30)];
    expect(await countsOf({})).toEqual(bruteCounts({}));
  });

  test('of another tenant are neither seen nor changed', async () => {
    const { counts } = await test_.store.inTenant('globex', (tx) => listReviews(tx, { now: NOW }));
    expect(counts).toEqual([]);
  });
});

test('a review shows its second queue, who gave it to whom, and its approvals', async () => {
  const task = exampleTask(test_.keyring, 'two pairs of eyes');
  const review = exampleReview(task, {
    status: 'claimed',
    alsoQueue: 'vip',
    roles: ['reviewer', 'approver'],
    claim: { by: 'key_2', since: NOW, until: minutesLater(70), assignedBy: 'key_3' },
    rounds: [exampleRound(1, { needed: { approvals: 2, approvers: 1, rule: 'over_limit' }, approvals: [] })],
  });
  await put('two pairs of eyes', { id: review.id, type: 'bank-support', class: 'a', priority: 3, review }, 1);
  const read = (now: string) => test_.store.inTenant('acme', (tx) => readReview(tx, { reviewId: review.id, now }));
  expect(await read(NOW)).toMatchObject({
    alsoQueue: 'vip',
    assignedBy: 'key_3',
    roles: ['reviewer', 'approver'],
    approvalsGiven: 0,
    approvalsNeeded: 2,
  });
  expect(await read(minutesLater(71))).toMatchObject({ status: 'open', claimedBy: null, assignedBy: null });
});

test('a claim that has run out is not shown, also where its review waits for the caller', async () => {
  const task = exampleTask(test_.keyring, 'held while it waits');
  const review = exampleReview(task, {
    status: 'waiting_for_caller',
    claim: { by: 'key_7', since: NOW, until: minutesLater(70) },
  });
  const ref = { id: review.id, type: 'bank-support', class: 'a', priority: 3 };
  await put('held while it waits', { ...ref, review }, 1);
  const status = 'waiting_for_caller';
  for (const [now, claimedBy] of [
    [minutesLater(69), 'key_7'],
    [minutesLater(70), null],
  ] as const) {
    await test_.store.inTenant('acme', async (tx) => {
      expect(await readReview(tx, { reviewId: review.id, now })).toMatchObject({ status, claimedBy });
      const { items, counts } = await listReviews(tx, { assignee: 'key_7', now });
      expect([items.length, counts.length]).toEqual(claimedBy === null ? [0, 0] : [1, 1]);
    });
  }
  const ended = await test_.store.inTenant('acme', (tx) =>
    tasksOfEndedClaims(tx, { from: minutesLater(69), to: minutesLater(70) }),
  );
  expect(ended).toContain(task.taskId);
});

test('a projection that is repeated, its process having died before it told anyone, is told then', async () => {
  const heard: number[] = [];
  const stop = test_.store.onTaskChanged(({ revision }) => heard.push(revision));
  const review = exampleReview(exampleTask(test_.keyring, 'repeated'));
  const example = { id: review.id, type: 'bank-support', class: 'a', priority: 3, review };
  await put('repeated', example, 2);
  await put('repeated', example, 2);
  await put('repeated', example, 1);
  stop();
  expect(heard).toEqual([2, 2]);
});

test('the migration groups and counts the reviews that were there before it', async () => {
  const counted = await asOwner(test_.store, 'acme', async (db) => {
    await undo(db);
    await up(db as Kysely<unknown>);
    const { rows } = await sql<{ groups: number; reviews: number; counted: number }>`
      select (select count(*) from review_groups) as groups, (select count(*) from reviews where group_id is not null) as reviews,
        (select sum(count)::bigint from review_counts) as counted`.execute(db);
    return rows[0];
  });
  expect(counted?.groups).toBeGreaterThan(10);
  expect(counted?.reviews).toBeGreaterThan(COUNT);
  expect(counted?.counted).toBe(counted?.reviews);
});

/** The tables as the migration found them. */
async function undo(db: Kysely<Record<string, Record<string, unknown>>>): Promise<void> {
  await sql
    .raw(
      `drop trigger grouped_when_opened on reviews; drop trigger grouped_when_moved on reviews;
      drop trigger counted on reviews; drop trigger counted_when_changed on reviews;
      drop function group_review; drop function recount_review; drop function count_reviews; drop function review_group_of;
      drop table review_counts; drop table review_groups;
      alter table reviews drop column also_queue, drop column roles, drop column is_overdue, drop column assigned_by,
        drop column approvals_given, drop column approvals_needed, drop column is_closed, drop column due_ascending, drop column due_descending, drop column group_id;
      drop index reviews_by_holder; drop index reviews_by_lease;
      create index reviews_to_decide on reviews (tenant); create index reviews_by_opening on reviews (tenant);`,
    )
    .execute(db);
}
