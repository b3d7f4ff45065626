import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ReviewState } from '../../contracts/words/task';
import { acceptTask } from '../../store/acceptTask';
import { InvalidCursorError } from '../../store/page';
import { projectTask } from '../../store/projectTask';
import {
  listReviews,
  nextReviewCandidates,
  readReview,
  type ReviewFilter,
  type ReviewSortKey,
  similarDecided,
  type Taker,
} from '../../store/reviews';
import {
  exampleClass,
  exampleDecision,
  exampleReview,
  exampleRound,
  exampleState,
  exampleTask,
  minutesLater,
  refOf,
} from './exampleTask';
import { openTestStore, type TestStore } from './testStore';

interface Example {
  readonly name: string;
  readonly priority: number;
  readonly class: string;
  readonly review: Partial<ReviewState>;
}

const NOW = minutesLater(60);
const held = { by: 'key_2', since: minutesLater(50), until: minutesLater(70) };
const runOut = { by: 'key_2', since: minutesLater(10), until: minutesLater(40) };
const EXAMPLES: readonly Example[] = [
  { name: 'due soon', priority: 3, class: 'a', review: { dueAt: minutesLater(90) } },
  { name: 'overdue', priority: 3, class: 'a', review: { dueAt: minutesLater(30) } },
  { name: 'urgent', priority: 1, class: 'b', review: { dueAt: null, openedAt: minutesLater(5) } },
  { name: 'old', priority: 3, class: 'b', review: { dueAt: null, openedAt: minutesLater(1) } },
  { name: 'young', priority: 3, class: 'b', review: { dueAt: null, openedAt: minutesLater(2) } },
  { name: 'held', priority: 1, class: 'b', review: { status: 'claimed', claim: held, dueAt: minutesLater(20) } },
  { name: 'run out', priority: 4, class: 'c', review: { status: 'claimed', claim: runOut, dueAt: minutesLater(45) } },
  {
    name: 'elsewhere',
    priority: 3,
    class: 'a',
    review: { queue: 'finance', rounds: [exampleRound(1, { reasons: [] })] },
  },
  { name: 'revising', priority: 3, class: 'a', review: { status: 'revising' } },
  {
    name: 'closed',
    priority: 3,
    class: 'a',
    review: { status: 'closed', dueAt: minutesLater(10), closedAt: minutesLater(9) },
  },
];

let test_: TestStore;
const nameOf = new Map<string, string>();

beforeAll(async () => {
  test_ = await openTestStore();
  const { store, keyring } = test_;
  for (const example of EXAMPLES) {
    const task = exampleTask(keyring, example.name, { priority: example.priority });
    const review = exampleReview(task, example.review);
    nameOf.set(review.id, example.name);
    nameOf.set(task.taskId, example.name);
    const isClosed = review.status === 'closed';
    const state = exampleState(1, {
      class: exampleClass(example.class),
      review,
      ...(isClosed ? { status: 'completed', outcome: 'approved', completedAt: minutesLater(9) } : {}),
    });
    await store.inTenant('acme', async (tx) => {
      await acceptTask(tx, keyring, task);
      await projectTask(tx, refOf(task), { state, events: [] });
    });
  }
});
afterAll(() => test_.close());

function names(rows: readonly { readonly id: string }[]): readonly (string | undefined)[] {
  return rows.map(({ id }) => nameOf.get(id));
}

async function list(filter: ReviewFilter, sort?: readonly ReviewSortKey[]): Promise<readonly (string | undefined)[]> {
  const request = { ...filter, now: NOW, ...(sort === undefined ? {} : { sort }) };
  const page = await test_.store.inTenant('acme', (tx) => listReviews(tx, request));
  return names(page.items);
}

describe('the inbox', () => {
  test('shows the due first, then the oldest, then the most urgent', async () => {
    expect((await list({ queue: 'support' })).slice(0, 5)).toEqual([
      'closed',
      'held',
      'overdue',
      'run out',
      'due soon',
    ]);
    expect(await list({ queue: 'support', class: 'b', status: ['open'] })).toEqual(['old', 'young', 'urgent']);
    expect(await list({ class: 'b', status: ['open'] }, ['priority', 'age'])).toEqual(['urgent', 'young', 'old']);
  });

  test.each<[string, ReviewFilter, readonly string[]]>([
    ['queue', { queue: 'finance' }, ['elsewhere']],
    ['status', { status: ['claimed'] }, ['held']],
    ['class', { class: 'c' }, ['run out']],
    ['assignee, only while the claim holds', { assignee: 'key_2' }, ['held']],
    ['overdue', { isOverdue: true }, ['held', 'overdue', 'run out']],
    ['type', { type: 'other' }, []],
    ['no reason of this name', { reason: 'out_of_scope' }, []],
  ])('by %s', async (_, filter, expected) => {
    expect(await list(filter)).toEqual(expected);
  });

  test('by reason leaves out what was escalated for others', async () => {
    const found = await list({ reason: 'low_confidence' });
    expect(found).toHaveLength(EXAMPLES.length - 1);
    expect(found).not.toContain('elsewhere');
  });

  test('counts queues and statuses of all that match, beyond the page and the chosen queue', async () => {
    const request = { now: NOW, queue: 'finance', status: ['open'], limit: 1 } as const;
    const { counts } = await test_.store.inTenant('acme', (tx) => listReviews(tx, request));
    expect(counts).toEqual([
      { queue: 'finance', status: 'open', count: 1 },
      { queue: 'support', status: 'claimed', count: 1 },
      { queue: 'support', status: 'closed', count: 1 },
      { queue: 'support', status: 'open', count: 6 },
      { queue: 'support', status: 'revising', count: 1 },
    ]);
  });

  test('pages of any size and sort hold each review once', async () => {
    const keys = fc.shuffledSubarray<'due' | 'age' | 'priority'>(['due', 'age', 'priority'], { minLength: 1 });
    const sorts = keys.chain((some) => fc.tuple(...some.map((key) => fc.constantFrom<ReviewSortKey>(key, `-${key}`))));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 6 }), sorts, async (limit, sort) => {
        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await test_.store.inTenant('acme', (tx) => listReviews(tx, { now: NOW, limit, sort, cursor }));
          seen.push(...page.items.map(({ id }) => id));
          cursor = page.nextCursor ?? undefined;
        } while (cursor !== undefined);
        expect(names(seen.map((id) => ({ id })))).toEqual(await list({}, sort));
        expect(new Set(seen).size).toBe(EXAMPLES.length);
      }),
      { numRuns: 20 },
    );
  });

  test('a cursor of another sort is refused', async () => {
    const page = await test_.store.inTenant('acme', (tx) => listReviews(tx, { now: NOW, limit: 2 }));
    const cursor = page.nextCursor ?? '';
    const other = test_.store.inTenant('acme', (tx) => listReviews(tx, { now: NOW, cursor, sort: ['priority'] }));
    await expect(other).rejects.toBeInstanceOf(InvalidCursorError);
  });
});

const BEN: Taker = { actor: 'ben', roles: ['reviewer'] };

test('the next to claim is the most urgent that nobody holds; a claim that ran out counts as open', async () => {
  const next = (queue?: string) =>
    test_.store.inTenant('acme', (tx) =>
      nextReviewCandidates(tx, { ...BEN, now: NOW, ...(queue === undefined ? {} : { queue }) }),
    );
  expect(names(await next('support'))).toEqual(['overdue', 'run out', 'due soon', 'urgent', 'old', 'young']);
  expect(names(await next('finance'))).toEqual(['elsewhere']);
  expect(await next('nobody')).toEqual([]);
});

describe('the next to claim', () => {
  const approvedBy = (...people: string[]) => people.map((by) => exampleDecision({ id: `approval of ${by}`, by }));
  const REVIEWS: Readonly<Record<string, Partial<ReviewState>>> = {
    anybody: { roles: ['reviewer', 'lead'] },
    approvers: { roles: ['approver'] },
    'of an earlier version': {},
    'approved by ann': { roles: ['reviewer'], rounds: [exampleRound(1, { approvals: approvedBy('ann', 'cho') })] },
    'a round later': {
      roles: ['reviewer'],
      rounds: [exampleRound(1, { approvals: approvedBy('ann') }), exampleRound(2, { approvals: approvedBy('cho') })],
    },
  };
  const queue = 'people';
  const candidates = (taker: Taker, more: { readonly except?: readonly string[]; readonly fewRows?: number } = {}) =>
    test_.store.inTenant('acme', (tx) => nextReviewCandidates(tx, { ...taker, ...more, queue, now: NOW }));

  beforeAll(async () => {
    const { store, keyring } = test_;
    for (const [index, [name, changes]] of Object.entries(REVIEWS).entries()) {
      const task = exampleTask(keyring, name);
      const review = exampleReview(task, { queue, dueAt: minutesLater(90 + index), ...changes });
      nameOf.set(review.id, name);
      await store.inTenant('acme', async (tx) => {
        await acceptTask(tx, keyring, task);
        await projectTask(tx, refOf(task), { state: exampleState(1, { review }), events: [] });
      });
    }
  });

  const everything = Object.keys(REVIEWS);
  const withoutApprovers = everything.filter((name) => name !== 'approvers');
  test.each<[string, Taker, readonly string[]]>([
    ['is not what somebody posted', { actor: 'key_1', roles: ['reviewer', 'approver'] }, []],
    ['is not what asks for another role', BEN, withoutApprovers],
    ['is what asks for one of their roles', { actor: 'cy', roles: ['reviewer', 'approver'] }, everything],
    [
      'is not what they approved, until another draft is open',
      { actor: 'ann', roles: ['reviewer'] },
      ['anybody', 'of an earlier version', 'a round later'],
    ],
  ])('%s', async (_, taker, expected) => {
    for (const fewRows of [0, 10_000]) expect(names(await candidates(taker, { fewRows }))).toEqual(expected);
  });

  test('is another than those that were tried', async () => {
    const [first, ...others] = await candidates(BEN);
    expect(await candidates(BEN, { except: [first?.id ?? ''] })).toEqual(others);
  });
});

test('a review is read as it is at that time: who holds it until when, or nobody', async () => {
  const idOf = (name: string) => [...nameOf].find(([id, other]) => other === name && id.startsWith('rev_'))?.[0] ?? '';
  const read = (name: string, now: string) =>
    test_.store.inTenant('acme', (tx) => readReview(tx, { reviewId: idOf(name), now }));
  expect(await read('held', NOW)).toMatchObject({ status: 'claimed', claimedBy: 'key_2', claimedUntil: held.until });
  expect(await read('held', held.until)).toMatchObject({ status: 'open', claimedBy: null, claimedUntil: null });
  expect(await read('old', NOW)).toMatchObject({
    round: 1,
    digest: 'digest-1',
    mainReason: 'low_confidence',
    confidence: 0.5,
  });
  expect(await read('unknown', NOW)).toBeNull();
});

test('similar tasks are those of the class that a person decided on', async () => {
  const similar = (name: string) =>
    test_.store.inTenant('acme', (tx) => similarDecided(tx, { type: 'bank-support', class: name, limit: 5 }));
  expect(names(await similar('a'))).toEqual(['closed']);
  expect(await similar('b')).toEqual([]);
});
