import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { workflowIdOf } from '../../contracts/words/names';
import { ask, eventually } from '../api/testApi';
import { openTestBank, type TestBank } from '../support/bank';
import { type Desk, openDesk } from '../support/desk';
import { replayFailures } from '../support/history';
import { kindsOf } from '../support/trail';

const LOST = 'I lost my card somewhere in town, what now?';

let bank: TestBank;
let desk: Desk;

beforeAll(async () => {
  bank = await openTestBank();
  desk = await openDesk(bank);
});
afterAll(() => bank.close());

const cancel = (taskId: string) =>
  ask(bank, `POST /v1/tasks/${taskId}/cancel`, { key: desk.caller, json: { reason: 'no longer needed' } });
const posts = (taskId: string) =>
  bank.crm.requests.filter(({ method, idempotencyKey }) => method === 'POST' && idempotencyKey?.startsWith(taskId));

it('a task that is running ends at once, and is put to nobody', async () => {
  bank.bank.behave({ kind: 'slow', ms: 30_000 });
  const before = bank.bank.requests.length;
  const taskId = await desk.post(LOST);
  await eventually(
    () => Promise.resolve(bank.bank.requests.length),
    (count) => count > before,
  );
  expect((await cancel(taskId)).status).toBe(202);
  const task = await desk.ended(taskId);
  bank.bank.behave({ kind: 'ok' });
  expect(task).toMatchObject({ outcome: 'cancelled', output: null, permit: null, review: null });
  expect(await kindsOf(bank, taskId)).toEqual(['cancel_requested', 'completed']);
});

it('tasks that are cancelled as soon as they are posted end, wherever they had come to', async () => {
  bank.bank.behave({ kind: 'slow', ms: 30_000 });
  const cancelled = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const taskId = await desk.post(LOST);
      const { status } = await cancel(taskId);
      const { outcome, output, review } = await desk.ended(taskId);
      return { status, outcome, output, review };
    }),
  );
  bank.bank.behave({ kind: 'ok' });
  expect(cancelled).toEqual(
    Array.from(cancelled, () => ({ status: 202, outcome: 'cancelled', output: null, review: null })),
  );
});

it('a task that waits for a reviewer ends, and its review is closed', async () => {
  const opened = await desk.escalated(LOST);
  expect((await cancel(opened.taskId)).status).toBe(202);
  expect(await desk.ended(opened.taskId)).toMatchObject({ outcome: 'cancelled', output: null, permit: null });
  expect(await desk.review(opened.reviewId)).toMatchObject({ status: 'closed', closedBy: 'cancellation' });
  const late = await desk.decide(opened, { action: 'approve' });
  expect([late.status, late.body.code]).toEqual([409, 'task_ended']);
  expect(posts(opened.taskId)).toEqual([]);
});

it('a decision and a cancellation that come at once agree on which of them was first', async () => {
  const seen = await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const opened = await desk.escalated(LOST);
      const decide = () => desk.decide(opened, { action: 'approve' });
      const asked = index % 2 ? [decide(), cancel(opened.taskId)] : [cancel(opened.taskId), decide()];
      const statuses = (await Promise.all(asked)).map(({ status }) => status);
      const [decided, cancelled] = index % 2 ? statuses : statuses.reverse();
      const { outcome } = await desk.ended(opened.taskId);
      return { decided, cancelled, outcome, posts: posts(opened.taskId).length };
    }),
  );
  for (const each of seen)
    expect([
      { decided: 200, cancelled: 409, outcome: 'approved', posts: 1 },
      { decided: 409, cancelled: 202, outcome: 'cancelled', posts: 0 },
    ]).toContainEqual(each);
});

it('a task that Temporal is told to cancel ends the same way', async () => {
  const opened = await desk.escalated(LOST);
  await bank.dependencies.client.workflow.getHandle(workflowIdOf(bank.tenant, opened.taskId)).cancel();
  expect(await desk.ended(opened.taskId)).toMatchObject({ outcome: 'cancelled', output: null });
  expect(await desk.review(opened.reviewId)).toMatchObject({ status: 'closed', closedBy: 'cancellation' });
});

it('a task that is being delivered can’t be cancelled any more, and is delivered once', async () => {
  const opened = await desk.escalated(LOST);
  bank.crm.behave({ kind: 'slow', ms: 1_500 });
  await desk.decide(opened, { action: 'approve' });
  await eventually(
    () => Promise.resolve(posts(opened.taskId).length),
    (count) => count === 1,
  );
  const refused = await cancel(opened.taskId);
  bank.crm.behave({ kind: 'ok' });
  expect([refused.status, refused.body.code]).toEqual([409, 'task_ended']);
  await bank.dependencies.client.workflow.getHandle(workflowIdOf(bank.tenant, opened.taskId)).cancel();
  expect(await desk.ended(opened.taskId)).toMatchObject({ outcome: 'approved', output: { intent: 'card_lost' } });
  expect(posts(opened.taskId)).toHaveLength(1);
});

it('a task that has ended stays as it is', async () => {
  const opened = await desk.escalated(LOST);
  await desk.decide(opened, { action: 'decline', reasonCode: 'wrong_customer' });
  await desk.ended(opened.taskId);
  const refused = await cancel(opened.taskId);
  expect([refused.status, refused.body.code]).toEqual([409, 'task_ended']);
  expect(await desk.task(opened.taskId)).toMatchObject({ outcome: 'declined' });
});

it('and every history of these replays', async () => {
  expect(await replayFailures(bank)).toEqual({});
});
