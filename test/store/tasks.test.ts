import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sql } from 'kysely';
import { acceptTask, type AcceptedTask, type NewTask } from '../../store/acceptTask';
import { InvalidCursorError } from '../../store/page';
import { projectTask } from '../../store/projectTask';
import type { TaskChange } from '../../store/store';
import { listTasks, markStarted, readTask, type TaskFilter, unstartedTasks } from '../../store/tasks';
import { getTexts } from '../../store/texts';
import { asOwner } from './asOwner';
import {
  AT,
  exampleClass,
  exampleEvent,
  exampleReview,
  exampleState,
  exampleTask,
  LOW_CONFIDENCE,
  minutesLater,
  refOf,
} from './exampleTask';
import { openTestStore, type TestStore } from './testStore';

let test_: TestStore;
beforeAll(async () => {
  test_ = await openTestStore();
});
afterAll(() => test_.close());

function accept(task: NewTask): Promise<AcceptedTask> {
  return test_.store.inTenant('acme', (tx) => acceptTask(tx, test_.keyring, task));
}

function project(task: NewTask, state: ReturnType<typeof exampleState>, events = [exampleEvent('e')]): Promise<void> {
  return test_.store.inTenant('acme', (tx) => projectTask(tx, refOf(task), { state, events }));
}

describe('accepting', () => {
  test('200 duplicates at once make one task, and all get it', async () => {
    const task = exampleTask(test_.keyring, 'duplicate');
    const answers = await Promise.all(Array.from({ length: 200 }, () => accept(task)));
    expect(answers.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(new Set(answers.map((answer) => JSON.stringify(answer.task))).size).toBe(1);
    expect(answers[0]?.task).toMatchObject({ id: task.taskId, status: 'running', revision: 0, startedAt: null });
  });

  test('a duplicate with another body gets the first body hash, and its texts are not kept', async () => {
    const { keyring, store } = test_;
    const first = exampleTask(keyring, 'reused', { texts: { input: 'first' } });
    await accept(first);
    const second = await accept({ ...first, bodyHash: 'another', texts: { input: 'second', extra: 'x' } });
    expect(second).toMatchObject({ isNew: false, task: { bodyHash: first.bodyHash } });
    const texts = await store.inTenant('acme', (tx) =>
      getTexts(tx, keyring, { taskId: first.taskId, names: ['input', 'extra'] }),
    );
    expect(texts).toEqual({ input: 'first' });
  });

  test('tasks of one subject share its key, and a task without a subject has its own', async () => {
    const { keyring, store } = test_;
    const tasks = ['s1', 's2'].map((key) => exampleTask(keyring, key, { subject: 'shared' }));
    const alone = ['s3', 's4'].map((key) => exampleTask(keyring, key, { subject: null }));
    for (const task of [...tasks, ...alone]) await accept(task);
    const keys = await store.inTenant('acme', (tx) =>
      tx.db
        .selectFrom('tasks')
        .select('subjectKeyId')
        .distinct()
        .where(
          'id',
          'in',
          [...tasks, ...alone].map(({ taskId }) => taskId),
        )
        .execute(),
    );
    expect(keys).toHaveLength(3);
  });

  test('a failure keeps nothing of the task', async () => {
    const task = exampleTask(test_.keyring, 'too urgent', { priority: 9 });
    await expect(accept(task)).rejects.toThrow('check constraint');
    expect(await test_.store.inTenant('acme', (tx) => readTask(tx, task.taskId))).toBeNull();
  });

  test('a task is unstarted until its workflow is known to be started, and the first time stays', async () => {
    const { keyring, store } = test_;
    const task = exampleTask(keyring, 'unstarted', { createdAt: minutesLater(-100) });
    await accept(task);
    const list = () =>
      store.inTenant('acme', (tx) => unstartedTasks(tx, { acceptedBefore: minutesLater(-99), limit: 10 }));
    expect((await list()).map(({ id }) => id)).toEqual([task.taskId]);
    for (const minutes of [1, 2]) {
      await store.inTenant('acme', (tx) => markStarted(tx, { taskId: task.taskId, at: minutesLater(minutes) }));
    }
    expect(await list()).toEqual([]);
    const row = await store.inTenant('acme', (tx) => readTask(tx, task.taskId));
    expect(row?.startedAt).toBe(minutesLater(1));
  });
});

describe('projecting', () => {
  test('a state comes back as it was given', async () => {
    const task = exampleTask(test_.keyring, 'projected');
    await accept(task);
    const state = exampleState(1, {
      status: 'waiting_for_review',
      class: exampleClass('card_arrival'),
      reasons: [LOW_CONFIDENCE],
      review: exampleReview(task),
    });
    await project(task, state);
    const row = await test_.store.inTenant('acme', (tx) => readTask(tx, task.taskId));
    expect(row).toMatchObject({ revision: 1, status: 'waiting_for_review', state });
  });

  test('whatever the order of the projections, the highest revision stays', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([1, 2, 3, 4, 5], { minLength: 2 }), async (revisions) => {
        run += 1;
        const task = exampleTask(test_.keyring, `order-${run}`);
        await accept(task);
        for (const revision of revisions) await project(task, exampleState(revision, { language: `l${revision}` }));
        const row = await test_.store.inTenant('acme', (tx) => readTask(tx, task.taskId));
        const highest = Math.max(...revisions);
        expect([row?.revision, row?.state?.language]).toEqual([highest, `l${highest}`]);
      }),
      { numRuns: 10 },
    );
  });

  test('a run that a reset made takes over, and the old one is not heard again', async () => {
    const task = exampleTask(test_.keyring, 'reset');
    await accept(task);
    await project(task, exampleState(9, { review: exampleReview(task), status: 'completed', outcome: 'approved' }));
    await project(task, exampleState(2, { run: 'run-2', status: 'running' }));
    await project(task, exampleState(10, { status: 'completed', outcome: 'approved' }));
    const [row, reviews] = await test_.store.inTenant('acme', async (tx) => [
      await readTask(tx, task.taskId),
      await tx.db.selectFrom('reviews').select('id').where('taskId', '=', task.taskId).execute(),
    ]);
    expect(row).toMatchObject({ status: 'running', revision: 2 });
    expect(reviews).toEqual([]);
  });

  test('projections at once end with the highest revision, in the task and in its review', async () => {
    const task = exampleTask(test_.keyring, 'race');
    await accept(task);
    const at = (revision: number) =>
      project(task, exampleState(revision, { review: exampleReview(task, { reminders: revision }) }), [
        exampleEvent(`event-${revision}`),
      ]);
    await Promise.all([3, 1, 5, 2, 4].map(at));
    const [row, reminders] = await test_.store.inTenant('acme', async (tx) => {
      const review = await tx.db
        .selectFrom('reviews')
        .select('reminders')
        .where('taskId', '=', task.taskId)
        .executeTakeFirst();
      return [await readTask(tx, task.taskId), review?.reminders] as const;
    });
    expect([row?.revision, reminders]).toEqual([5, 5]);
  });

  test('listeners hear of each committed change once, and of nothing that was rolled back or stale', async () => {
    const { store, keyring } = test_;
    const task = exampleTask(keyring, 'heard');
    await accept(task);
    const heard: TaskChange[] = [];
    const stop = store.onTaskChanged((change) => heard.push(change));
    await project(task, exampleState(2));
    await project(task, exampleState(1));
    const failed = store.inTenant('acme', async (tx) => {
      await projectTask(tx, refOf(task), { state: exampleState(3), events: [] });
      throw new Error('after the projection');
    });
    await expect(failed).rejects.toThrow('after the projection');
    await project(task, exampleState(4));
    stop();
    await project(task, exampleState(5));
    expect(heard.map(({ taskId, revision }) => [taskId, revision])).toEqual([
      [task.taskId, 2],
      [task.taskId, 4],
    ]);
  });
});

describe('listing', () => {
  const INDEX = new Map<string, string>();
  beforeEach(async () => {
    if (INDEX.size > 0) return;
    const { keyring } = test_;
    INDEX.set('jane', keyring.blindIndex('acme', 'subject', 'jane')).set(
      'r',
      keyring.blindIndex('acme', 'reference', 'order-7'),
    );
    for (let i = 0; i < 24; i += 1) {
      // Four tasks at each instant, so that the id has to tell them apart.
      const createdAt = minutesLater(1_000 + Math.floor(i / 4));
      const subject = i % 2 === 0 ? 'jane' : 'joe';
      const reference = i === 7 ? 'order-7' : null;
      const task = exampleTask(keyring, `list-${i}`, { createdAt, subject, reference, type: `type-${i % 3}` });
      await accept(task);
      if (i % 4 === 0) {
        await project(
          task,
          exampleState(1, {
            status: 'completed',
            outcome: 'approved',
            class: exampleClass('c'),
            reasons: [LOW_CONFIDENCE],
          }),
        );
      }
    }
  });

  const since: TaskFilter = { from: minutesLater(1_000) };

  async function idsOf(filter: TaskFilter, limit: number): Promise<readonly string[]> {
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await test_.store.inTenant('acme', (tx) => listTasks(tx, { ...filter, limit, cursor }));
      expect(page.items.length).toBeLessThanOrEqual(limit);
      ids.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return ids;
  }

  test('pages of any size hold each task once, newest first', async () => {
    const all = await idsOf(since, 200);
    expect(all).toHaveLength(24);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 30 }), async (limit) => {
        expect(await idsOf(since, limit)).toEqual(all);
      }),
      { numRuns: 12 },
    );
  });

  test('a task that arrives between two pages moves nothing', async () => {
    const first = await test_.store.inTenant('acme', (tx) => listTasks(tx, { ...since, limit: 5 }));
    await accept(exampleTask(test_.keyring, 'late', { createdAt: minutesLater(2_000) }));
    const cursor = first.nextCursor ?? '';
    const second = await test_.store.inTenant('acme', (tx) => listTasks(tx, { ...since, limit: 5, cursor }));
    const before = await idsOf({ ...since, to: minutesLater(1_999) }, 200);
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(before.slice(0, 10));
  });

  test.each<[string, () => TaskFilter, number]>([
    ['type', () => ({ type: 'type-1' }), 8],
    ['status', () => ({ status: ['completed'] }), 6],
    ['outcome', () => ({ outcome: ['approved', 'declined'] }), 6],
    ['class', () => ({ class: 'c' }), 6],
    ['reason', () => ({ reason: 'low_confidence' }), 6],
    ['another reason', () => ({ reason: 'out_of_scope' }), 0],
    ['subject', () => ({ subjectIndex: INDEX.get('jane') ?? '' }), 12],
    ['reference', () => ({ referenceIndex: INDEX.get('r') ?? '' }), 1],
    ['time', () => ({ from: minutesLater(1_002), to: minutesLater(1_004) }), 8],
  ])('by %s', async (_, filter, count) => {
    expect(await idsOf({ ...since, to: minutesLater(1_100), ...filter() }, 200)).toHaveLength(count);
  });

  test('a cursor that is none of ours is refused, whatever is in it', async () => {
    const encoded = (content: unknown): string => Buffer.from(JSON.stringify(content)).toString('base64url');
    const cursors = [
      'x',
      encoded(null),
      encoded(['-created,-id']),
      encoded(['-created,-id', 'yesterday', 'tsk_a']),
      encoded(['-created,-id', '2026-99-99T00:00:00.000Z', 'tsk_a']),
      encoded(['-created,-id', '2026-02-31T00:00:00.000Z', 'tsk_a']),
      encoded(['-created,-id', '2026-01-01T24:00:00.000Z', 'tsk_a']),
      encoded(['-created,-id', '0000-01-01T00:00:00.000Z', 'tsk_a']),
      encoded(['-created,-id', AT, 7]),
      encoded(['created,id', AT, 'tsk_a']),
    ];
    for (const cursor of cursors) {
      const page = test_.store.inTenant('acme', (tx) => listTasks(tx, { cursor }));
      await expect(page).rejects.toBeInstanceOf(InvalidCursorError);
    }
  });
});

test('no text of a person is in any column outside the encrypted texts', async () => {
  const { store, keyring } = test_;
  const canary = 'Canary 7f3a, Jane Doe';
  const task = exampleTask(keyring, canary, {
    subject: canary,
    reference: canary,
    texts: { input: canary, subject: canary },
  });
  await accept({ ...task, bodyHash: keyring.blindIndex('acme', 'body', canary) });
  await project(task, exampleState(1, { review: exampleReview(task) }));
  const dump = await asOwner(store, 'acme', async (db) => {
    const { rows: tables } = await sql<{ name: string }>`
      select tablename as name from pg_tables where schemaname = current_schema()`.execute(db);
    const rows = [];
    for (const { name } of tables) {
      const table = await sql<{ row: string }>`select t::text as row from ${sql.table(name)} t`.execute(db);
      rows.push(...table.rows.map(({ row }) => `${name} ${row}`));
    }
    return rows;
  });
  expect(dump.filter((row) => row.includes(task.taskId)).length).toBeGreaterThan(3);
  const hex = Buffer.from(canary).toString('hex');
  expect(dump.filter((row) => row.includes('Canary') || row.includes('Jane') || row.includes(hex))).toEqual([]);
});
