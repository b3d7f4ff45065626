import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type RawBuilder, sql } from 'kysely';
import { type Plan, plansOf } from '../../bench/inbox/plans';
import { acceptTask } from '../../store/acceptTask';
import { projectTask } from '../../store/projectTask';
import { listReviews } from '../../store/reviews';
import { exampleReview, exampleState, exampleTask, minutesLater, refOf } from '../store/exampleTask';
import { openTestStore, type TestStore } from '../store/testStore';

const COUNT = 60;
const PRIORITIES = 5;
let test_: TestStore;

beforeAll(async () => {
  test_ = await openTestStore();
  await test_.store.inTenant('acme', async (tx) => {
    for (let i = 0; i < COUNT; i += 1) {
      const task = exampleTask(test_.keyring, `plans ${i}`, { priority: 1 + (i % PRIORITIES) });
      await acceptTask(tx, test_.keyring, task);
      const review = exampleReview(task, { openedAt: minutesLater(i) });
      await projectTask(tx, refOf(task), {
        state: exampleState(1, { status: 'waiting_for_review', review }),
        events: [],
      });
    }
  });
});
afterAll(() => test_.close());

/** As the queries of the inbox are run: without scans in sequence, so that an index is read whole where none fits. */
async function passedOver(query: RawBuilder<unknown>): Promise<number> {
  const plans = await plansOf(test_.store, 'acme', async (tx) => {
    await sql`select set_config('enable_seqscan', 'off', true)`.execute(tx.db);
    await query.execute(tx.db);
  });
  expect(plans.map(({ sequentialScans }) => sequentialScans)).toEqual([0]);
  return plans[0]?.rowsPassedOver ?? NaN;
}

describe('rows that a query of the inbox passes over', () => {
  test('are all but those it gives, where it reads an index to the end behind a filter', async () => {
    const rare = sql`select id from reviews where tenant = 'acme' and digest = 'none of them' order by due_ascending limit 5`;
    expect(await passedOver(rare)).toBe(COUNT);
  });

  test('are what a sort and a limit drop, too', async () => {
    const sorted = sql`select id from reviews where tenant = 'acme' order by md5(id) limit 5`;
    expect(await passedOver(sorted)).toBe(COUNT - 5);
  });

  test('are not what it counts, and are what it does not count', async () => {
    expect(await passedOver(sql`select count(*) from reviews where tenant = 'acme'`)).toBe(0);
    const some = sql`select count(*) from reviews where tenant = 'acme' and md5(id) < md5(id)`;
    expect(await passedOver(some)).toBe(COUNT);
  });

  test('are none where an index gives just the rows of the page', async () => {
    const inOrder = sql`
      select id from reviews where tenant = 'acme' and not is_closed order by due_ascending, opened_at, priority, id limit 5`;
    expect(await passedOver(inOrder)).toBe(0);
  });

  test('are few on a page of the inbox, the first and the second', async () => {
    const request = { now: minutesLater(COUNT), limit: 5, fewRows: 1, status: ['open'] } as const;
    const pageOf = (cursor?: string) =>
      plansOf(test_.store, 'acme', (tx) => listReviews(tx, { ...request, ...(cursor && { cursor }) }));
    const { nextCursor } = await test_.store.inTenant('acme', (tx) => listReviews(tx, request));
    const most = (plans: readonly Plan[]) => Math.max(...plans.map(({ rowsPassedOver }) => rowsPassedOver));
    expect(most(await pageOf())).toBeLessThan(COUNT / 2);
    expect(most(await pageOf(nextCursor ?? ''))).toBeLessThan(COUNT / 2);
  });
});
