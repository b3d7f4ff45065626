import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { type RebuildOptions, rebuildInbox } from '../../cli/rebuild';
import { isRight, rebuildScreen } from '../../cli/rebuildReport';
import { workflowIdOf } from '../../contracts/words/names';
import { STATE_QUERY } from '../../contracts/words/review';
import type { TaskState } from '../../contracts/words/task';
import { openStore } from '../../store/openStore';
import { rebuildTask, storedTasks } from '../../store/rebuildTask';
import type { Store } from '../../store/store';
import { readTask } from '../../store/tasks';
import { ask, eventually, TENANT } from '../api/testApi';
import { asOwner } from '../store/asOwner';
import { openOffice } from './office';
import type { Office } from './office';
import { folder, removeFolder, runCli } from './runCli';

let office: Office;
let store: Store;

beforeAll(async () => {
  office = await openOffice();
  ({ store } = office.api.dependencies);
});
afterAll(async () => {
  await office.api.close();
  removeFolder();
});

const rebuild = (options: Partial<RebuildOptions> = {}, queue?: string) => {
  const { client, config } = office.api.dependencies;
  return rebuildInbox(
    { store, client, taskQueue: queue ?? config.temporal.taskQueue },
    { isDryRun: false, ...options },
  );
};
const workflowOf = (taskId: string) => office.api.dependencies.client.workflow.getHandle(workflowIdOf(TENANT, taskId));
const saidBy = (taskId: string) => workflowOf(taskId).query<TaskState>(STATE_QUERY);
const storedOf = (taskId: string) => store.inTenant(TENANT, (tx) => readTask(tx, taskId));
const post = (path: string, json: unknown = {}) => ask(office.api, `POST ${path}`, { key: office.key, json });
/** Damage, as an operator's hand or a disk does it. */
const damage = (statement: string) => asOwner(store, TENANT, (db) => sql.raw(statement).execute(db));

describe('rebuilding the inbox from the histories', () => {
  it('puts right a review that is gone, a false status and a state that is lost, and says what differed', async () => {
    const { taskId, reviewId, digest } = await office.waiting();
    await damage(`delete from reviews where id = '${reviewId}'`);
    await damage(`update tasks set status = 'completed', outcome = 'approved', state = null where id = '${taskId}'`);
    const report = await rebuild({ only: [taskId] });
    expect(report).toMatchObject({ compared: 1, tasks: [{ taskId, tenant: TENANT, finding: 'rebuilt' }] });
    expect(report.tasks[0]?.differences).toEqual(
      expect.arrayContaining([
        { what: 'task.status', stored: 'completed', rebuilt: 'waiting_for_review' },
        { what: 'task.outcome', stored: 'approved', rebuilt: null },
        { what: 'task.state', stored: 'missing', rebuilt: 'there' },
        { what: 'review', stored: 'missing', rebuilt: 'there' },
      ]),
    );
    expect(rebuildScreen(report)).toMatch(
      /^1 compared with its history; 1 differs, rebuilt\n\nTASK +WHAT +STORED +HISTORY\n/,
    );
    expect((await storedOf(taskId))?.state).toEqual(await saidBy(taskId));
    const approved = await post(`/v1/reviews/${reviewId}/decision`, { action: 'approve', digest });
    expect(approved.status).toBe(200);
  });

  it('puts right what a review says of claim, round, digest and how many approved', async () => {
    const { taskId, reviewId, digest } = await office.waiting();
    await post(`/v1/reviews/${reviewId}/claim`);
    const holder = (await office.read(`/v1/reviews/${reviewId}`)).claimedBy;
    await damage(
      `update reviews set claimed_by = 'mem_nobody', round = 9, digest = 'other', approvals_given = 2, priority = 1 where id = '${reviewId}'`,
    );
    const { tasks } = await rebuild({ only: [taskId] });
    expect(tasks[0]?.differences).toEqual(
      expect.arrayContaining([
        { what: 'review.claimed_by', stored: 'mem_nobody', rebuilt: holder },
        { what: 'review.round', stored: 9, rebuilt: 1 },
        { what: 'review.digest', stored: 'other', rebuilt: digest },
        { what: 'review.approvals_given', stored: 2, rebuilt: 0 },
        { what: 'review.priority', stored: 1, rebuilt: 3 },
      ]),
    );
    expect(tasks[0]?.differences).toHaveLength(5);
    expect(await office.read(`/v1/reviews/${reviewId}`)).toMatchObject({ claimedBy: holder, round: 1, digest });
  });

  it('lets its workflow be heard again, where the row claims to be newer or the run to be past', async () => {
    const { taskId, reviewId } = await office.waiting();
    await damage(`update tasks set revision = 999, past_runs = array[run] where id = '${taskId}'`);
    expect((await rebuild({ only: [taskId] })).tasks).toMatchObject([{ finding: 'rebuilt' }]);
    await post(`/v1/reviews/${reviewId}/claim`);
    expect(await office.read(`/v1/reviews/${reviewId}`)).toMatchObject({ status: 'claimed' });
  });

  it('finds nothing the second time, and writes nothing then', async () => {
    const { taskId } = await office.waiting();
    await damage(`update tasks set class = 'thanks' where id = '${taskId}'`);
    const [first, second] = [await rebuild({ only: [taskId] }), await rebuild({ only: [taskId] })];
    expect([isRight(first), first.tasks.length, isRight(second), second.tasks]).toEqual([true, 1, true, []]);
    expect(rebuildScreen(second)).toBe('1 compared with its history; nothing differs');
  });

  it('changes nothing with a dry run, and says what it would', async () => {
    const { taskId, reviewId } = await office.waiting();
    await damage(`update reviews set status = 'closed' where id = '${reviewId}'`);
    const heard: string[] = [];
    const stop = store.onTaskChanged((change) => void heard.push(change.taskId));
    const report = await rebuild({ only: [taskId], isDryRun: true });
    stop();
    expect(report.tasks).toMatchObject([
      { finding: 'differs', differences: [{ what: 'review.status', stored: 'closed', rebuilt: 'open' }] },
    ]);
    expect([isRight(report), heard]).toEqual([false, []]);
    expect((await office.read(`/v1/reviews/${reviewId}`)).status).toBe('closed');
    await rebuild({ only: [taskId] });
    expect((await office.read(`/v1/reviews/${reviewId}`)).status).toBe('open');
  });

  it('rebuilds a task that has ended, with what its reviewer is measured by', async () => {
    const { taskId, reviewId, digest } = await office.waiting();
    await post(`/v1/reviews/${reviewId}/decision`, { action: 'approve', digest });
    const before = await office.read(`/v1/tasks/${taskId}?waitSeconds=10`);
    await damage(
      `update tasks set status = 'running', outcome = null, completed_at = null, revision = 1 where id = '${taskId}'`,
    );
    await damage(`delete from reviewer_records where task_id = '${taskId}'`);
    const { tasks } = await rebuild({ only: [taskId] });
    expect(tasks[0]?.differences).toContainEqual({
      what: expect.stringMatching(/^reviewer_record\./),
      stored: 'missing',
      rebuilt: 'there',
    });
    expect(before).toMatchObject({ status: 'completed', outcome: 'approved' });
    expect(await office.read(`/v1/tasks/${taskId}`)).toEqual(before);
  });

  it('leaves alone what its workflow wrote since the row was looked at', async () => {
    const { taskId, reviewId } = await office.waiting();
    const [seen] = await store.inTenant(TENANT, (tx) => storedTasks(tx, { only: [taskId] }));
    const state = await saidBy(taskId);
    await post(`/v1/reviews/${reviewId}/claim`);
    const ref = { tenant: TENANT, taskId, type: 'note-reply' };
    if (seen === undefined) throw new Error('the task is there');
    expect(await rebuildTask(store, ref, { state, seen, isDryRun: false })).toEqual({ kind: 'moved_on' });
    expect(await office.read(`/v1/reviews/${reviewId}`)).toMatchObject({ status: 'claimed' });
  });

  it('never sets a task back that is worked on meanwhile', async () => {
    const { taskId, reviewId } = await office.waiting();
    const working = (async () => {
      for (let turn = 0; turn < 30; turn += 1) await post(`/v1/reviews/${reviewId}/${turn % 2 ? 'release' : 'claim'}`);
    })();
    for (let round = 0; round < 2; round += 1) {
      const { tasks } = await rebuild({ only: [taskId] });
      // What its workflow answered may be on its way into the history while the store has it already.
      expect(tasks.every(({ finding }) => finding === 'moved_on')).toBe(true);
    }
    await working;
    expect((await storedOf(taskId))?.state).toEqual(await saidBy(taskId));
    expect((await rebuild({ only: [taskId] })).tasks).toEqual([]);
  });

  it('knows the run that a reset made by its own id', async () => {
    const { taskId, reviewId, digest } = await office.waiting();
    const { client, config } = office.api.dependencies;
    const { runId } = await workflowOf(taskId).describe();
    const { events } = await workflowOf(taskId).fetchHistory();
    const first = events?.find(({ workflowTaskCompletedEventAttributes: done }) => Boolean(done));
    const reset = await client.workflowService.resetWorkflowExecution({
      namespace: config.temporal.namespace,
      workflowExecution: { workflowId: workflowIdOf(TENANT, taskId), runId },
      workflowTaskFinishEventId: first?.eventId ?? null,
      requestId: taskId,
      reason: 'test',
    });
    await eventually(
      () => storedOf(taskId),
      (row) => row?.state?.run === reset.runId && row.status === 'waiting_for_review',
    );
    expect((await rebuild({ only: [taskId] })).tasks).toEqual([]);
    await damage(`update tasks set run = null, state = null where id = '${taskId}'`);
    expect((await rebuild({ only: [taskId] })).tasks).toMatchObject([{ finding: 'rebuilt', missingAuditEntries: 0 }]);
    expect((await storedOf(taskId))?.state?.run).toBe(reset.runId);
    expect((await post(`/v1/reviews/${reviewId}/decision`, { action: 'approve', digest })).status).toBe(200);
  });
});

describe('what histories do not hold', () => {
  it('is counted and never made up: entries of the audit trail, and texts', async () => {
    const { taskId } = await office.waiting();
    const entries = await damage(`delete from audit_entries where task_id = '${taskId}' returning seq`);
    await damage(`delete from texts where task_id = '${taskId}' and name like 'draft/%'`);
    const report = await rebuild({ only: [taskId] });
    expect(entries.rows.length).toBeGreaterThan(0);
    expect(report.tasks).toMatchObject([
      { finding: 'incomplete', differences: [], missingAuditEntries: entries.rows.length, missingTexts: 1 },
    ]);
    expect(isRight(report)).toBe(false);
    expect(rebuildScreen(report)).toContain(`${taskId} of ${TENANT}: 1 of its texts are missing.`);
  });

  it('a task without a history is told where the store says that it is open, and counted where it ended', async () => {
    const { taskId } = await office.waiting();
    const copy = (id: string, status: string) =>
      damage(`insert into tasks select (jsonb_populate_record(t, '{"id": "${id}", "status": "${status}"}')).* from tasks t
        where id = '${taskId}'`);
    await copy('tsk_open', 'waiting_for_review');
    await copy('tsk_ended', 'completed');
    const report = await rebuild({ only: ['tsk_open', 'tsk_ended'] });
    expect(report).toMatchObject({
      compared: 0,
      endedLongAgo: 1,
      tasks: [{ taskId: 'tsk_open', finding: 'history_gone' }],
    });
    expect(rebuildScreen(report)).toContain('It can not be rebuilt.');
    await damage(`delete from tasks where id in ('tsk_open', 'tsk_ended')`);
  });

  it('a task that only Temporal has is told', async () => {
    const { taskId } = await office.waiting();
    for (const table of ['reviews', 'audit_entries', 'texts'])
      await damage(`delete from ${table} where task_id = '${taskId}'`);
    await damage(`delete from tasks where id = '${taskId}'`);
    const report = await eventually(
      () => rebuild(),
      ({ unknownToStore }) => unknownToStore.length > 0,
    );
    expect([report.unknownToStore, report.couldNotLook, isRight(report)]).toEqual([
      [{ tenant: TENANT, taskId }],
      null,
      false,
    ]);
    expect(rebuildScreen(report)).toContain(`${taskId} of ${TENANT}: Temporal has it, the store has not.`);
    const only = await rebuild({ only: [taskId] });
    expect([only.unknownToStore, only.notFound, isRight(only)]).toEqual([[{ tenant: TENANT, taskId }], [], false]);
    await workflowOf(taskId).terminate('the test is over');
  });

  it('an id that nobody knows is told, and what else was asked for is looked at', async () => {
    const { taskId } = await office.waiting();
    const report = await rebuild({ only: ['tsk_typo', taskId, 'tsk_typo'] });
    expect(report).toMatchObject({ compared: 1, unknownToStore: [], notFound: ['tsk_typo'], tasks: [] });
    expect(isRight(report)).toBe(false);
    expect(rebuildScreen(report)).toContain('tsk_typo: neither the store nor Temporal has it.');
    const elsewhere = await rebuild({ tenant: 'other', only: [taskId] });
    expect([elsewhere.notFound, isRight(elsewhere)]).toEqual([[taskId], false]);
    expect(isRight(await rebuild({ only: [taskId] }))).toBe(true);
  });

  it('where Visibility does not answer, the rest is rebuilt all the same, and it is said what was not looked for', async () => {
    const { taskId } = await office.waiting();
    await damage(`update tasks set status = 'running' where id = '${taskId}'`);
    // No queue is called so: the server can't read the query.
    const report = await rebuild({ tenant: TENANT }, "it's");
    expect(report.tasks).toContainEqual(expect.objectContaining({ taskId, finding: 'rebuilt' }));
    expect(rebuildScreen(report)).toMatch(
      /Tasks that the store lacks were not looked for, since .* does not answer: ./,
    );
  });
});

/** A process that makes a store of its own and bundles the workflow code, on a machine that others use too. */
const START_MS = 180_000;

describe('the command', () => {
  const home = join(folder, 'rebuilt');
  const COUNTERSIGN_MASTER_KEY = Buffer.alloc(32, 7).toString('base64');
  const env = {
    COUNTERSIGN_MASTER_KEY,
    COUNTERSIGN_HOME: home,
    TEMPORAL_ADDRESS: process.env['TEMPORAL_ADDRESS'] ?? '',
  };

  it(
    'prints the report, and nothing else, on standard output',
    async () => {
      const { code, stdout } = await runCli(['rebuild', '--json', '--tenant', 'default', '--dry-run'], {
        env: { ...env, COUNTERSIGN_TASK_QUEUE: 'nobody' },
      });
      expect([code, JSON.parse(stdout)]).toMatchObject([
        0,
        { isDryRun: true, compared: 0, tasks: [], couldNotLook: null },
      ]);
    },
    START_MS,
  );

  it(
    'says what to do where another process owns the store',
    async () => {
      const owner = await openStore({ directory: join(home, 'store') });
      const { code, stderr } = await runCli(['rebuild'], { env });
      await owner.close();
      expect([code, stderr]).toEqual([1, expect.stringContaining('docs/runbooks/inbox-is-wrong.md')]);
    },
    START_MS,
  );

  it(
    'says where Temporal was looked for, when it does not answer',
    async () => {
      const { code, stderr } = await runCli(['rebuild'], { env: { ...env, TEMPORAL_ADDRESS: '127.0.0.1:1' } });
      expect([code, stderr]).toEqual([1, expect.stringContaining('Temporal does not answer at 127.0.0.1:1')]);
    },
    START_MS,
  );
});
