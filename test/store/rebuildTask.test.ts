import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Kysely, sql } from 'kysely';
import type { DecisionRecord, TaskState } from '../../contracts/words/task';
import { acceptTask, type NewTask } from '../../store/acceptTask';
import { keepGoldCase, keepGoldTask } from '../../store/goldCases';
import { projectTask } from '../../store/projectTask';
import { type Difference, rebuildTask } from '../../store/rebuildTask';
import { eventually } from '../api/testApi';
import { asOwner } from './asOwner';
import { AT, exampleReview, exampleRound, exampleState, exampleTask, minutesLater, refOf } from './exampleTask';
import { openTestStore, type TestStore } from './testStore';

let test_: TestStore;
beforeAll(async () => {
  test_ = await openTestStore();
});
afterAll(() => test_.close());

interface Kept {
  readonly task: NewTask;
  readonly state: TaskState;
}

const approvalBy = (by: string, at: string): DecisionRecord => ({
  ...{ id: `dec_${by}_${at}`, action: 'approve', by, at, round: 1, digest: 'd', permitDigest: null, output: null },
  ...{ guidance: null, note: null, reasonCode: null, correctionKind: null, humanSeconds: 1, surface: 'http' },
});

async function keep(
  key: string,
  change: Partial<NewTask> = {},
  review: Parameters<typeof exampleReview>[1] = {},
): Promise<Kept> {
  const task = exampleTask(test_.keyring, key, change);
  const state = exampleState(1, { status: 'waiting_for_review', review: exampleReview(task, review) });
  await test_.store.inTenant('acme', async (tx) => {
    await acceptTask(tx, test_.keyring, task);
    await projectTask(tx, refOf(task), { state, events: [] });
  });
  return { task, state };
}

async function rebuilt({ task, state }: Kept, isDryRun = false): Promise<readonly Difference[]> {
  const { run, revision } = state;
  const result = await rebuildTask(test_.store, refOf(task), { state, seen: { run: run ?? null, revision }, isDryRun });
  return result.kind === 'compared' ? result.differences : [];
}

/** Damage, as an operator's hand or a disk does it. */
const damage = (statement: string) => asOwner(test_.store, 'acme', (db) => sql.raw(statement).execute(db));

describe('a rebuild', () => {
  test('puts right what a reviewer said by their record, not only how many there are', async () => {
    const decision = approvalBy('ann', AT);
    const kept = await keep('measured', {}, { rounds: [exampleRound(1, { decision })] });
    await damage(`update reviewer_records set actor = 'ben', says_right = false, is_right = true
      where task_id = '${kept.task.taskId}'`);
    const name = `reviewer_record.${decision.id}`;
    const found = await rebuilt(kept);
    expect(found).toHaveLength(3);
    expect(found).toEqual(
      expect.arrayContaining([
        { what: `${name}.actor`, stored: 'ben', rebuilt: 'ann' },
        { what: `${name}.says_right`, stored: false, rebuilt: true },
        { what: `${name}.is_right`, stored: true, rebuilt: null },
      ]),
    );
    expect(await rebuilt(kept)).toEqual([]);
  });

  test('takes away a record of what nobody said', async () => {
    const kept = await keep('made up');
    await damage(`insert into reviewer_records (tenant, decision_id, actor, type, task_id, round, says_right, at)
      values ('acme', 'dec_none', 'ann', 'bank-support', '${kept.task.taskId}', 1, true, now())`);
    expect(await rebuilt(kept)).toEqual([{ what: 'reviewer_record.dec_none', stored: 'there', rebuilt: 'missing' }]);
    expect(await rebuilt(kept)).toEqual([]);
  });

  test('counts gold as it was counted, though its reviewer met the case again since', async () => {
    const source = await keep('source');
    const golden: Kept[] = [];
    for (const [name, minutes] of [
      ['first', 1],
      ['second', 2],
    ] as const) {
      const id = `gold_${name}`;
      const of = {
        id,
        type: 'bank-support',
        sourceTaskId: source.task.taskId,
        draft: 'wrong',
        contentText: id,
      } as const;
      const kept = await keep(id, { isGold: true });
      const decision = approvalBy('bob', minutesLater(minutes));
      const start = { contexts: [], attempt: null, draft: { version: 1, digest: 'd', text: 't' }, draftScore: 1 };
      const { taskId } = kept.task;
      const decided = exampleState(2, {
        review: exampleReview(kept.task, { rounds: [exampleRound(1, { decision })] }),
      });
      await test_.store.inTenant('acme', async (tx) => {
        await keepGoldCase(tx, { ...of, createdBy: 'admin', createdAt: AT });
        await keepGoldTask(tx, { taskId, caseId: id, draft: 'wrong', meantFor: 'bob', start, createdAt: AT });
        await projectTask(tx, refOf(kept.task), { state: decided, events: [] });
      });
      golden.push({ task: kept.task, state: decided });
    }
    for (const each of golden) expect(await rebuilt(each, true)).toEqual([]);
    const { rows } = await damage(`select is_right from reviewer_records where actor = 'bob' order by at`);
    expect(rows).toEqual([{ isRight: false }, { isRight: null }]);
  });

  test('tells a wrong due time once, and what only the task says of a review', async () => {
    const kept = await keep('due', {}, { dueAt: minutesLater(30) });
    await damage(`update reviews set due_at = due_at + interval '1 hour', type = 'other', priority = 1
      where task_id = '${kept.task.taskId}'`);
    const found = await rebuilt(kept);
    expect(found.map(({ what }) => what).sort()).toEqual(['review.due_at', 'review.priority', 'review.type']);
    expect(await rebuilt(kept)).toEqual([]);
  });
});

const onPostgres = process.env['DATABASE_URL'] ? describe : describe.skip;

onPostgres('a rebuild beside a projection of the same group', () => {
  test('locks the counts of a review in the order in which a projection does, so that neither waits for ever', async () => {
    const kept = await keep('counted', { type: 'type-counted' }, { status: 'closed', closedAt: AT });
    await damage(`update reviews set status = 'open' where task_id = '${kept.task.taskId}'`);
    await damage(`insert into review_counts (tenant, group_id, status, slot, count)
      select tenant, group_id, s, slot, 0 from reviews, unnest(array['open', 'closed']) s, generate_series(0, 7) slot
      where task_id = '${kept.task.taskId}' on conflict do nothing`);
    const lock = (db: Kysely<Record<string, Record<string, unknown>>>, status: string) =>
      sql`select from review_counts where status = ${status} and group_id =
        (select id from review_groups where type = 'type-counted') for update`.execute(db);
    let hold: () => void = () => undefined;
    const isHeld = new Promise<void>((resolve) => (hold = resolve));
    // As a projection does that opens what is closed: 'closed' comes before 'open'.
    const projecting = asOwner(test_.store, 'acme', async (db) => {
      await lock(db, 'closed');
      hold();
      await eventually(
        () =>
          sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(db),
        ({ rows }) => rows.length > 0,
      );
      await lock(db, 'open');
    });
    await isHeld;
    const rebuilding = rebuilt(kept);
    await Promise.all([projecting, rebuilding]);
    expect(await rebuilding).toEqual([{ what: 'review.status', stored: 'open', rebuilt: 'closed' }]);
  });
});
