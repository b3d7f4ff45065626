import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ask } from '../api/testApi';
import { openTestBank, type TestBank } from '../support/bank';
import { CUSTOMER, type Desk, openDesk } from '../support/desk';

const LOST = 'I lost my card somewhere in town, what now?';
const ASK_VISIBILITY = [
  'listWorkflowExecutions',
  'countWorkflowExecutions',
  'scanWorkflowExecutions',
  'listOpenWorkflowExecutions',
  'listClosedWorkflowExecutions',
  'listArchivedWorkflowExecutions',
] as const;

describe('with Visibility stopped', () => {
  let bank: TestBank;
  let desk: Desk;

  beforeAll(async () => {
    bank = await openTestBank();
    const service = bank.dependencies.client.workflowService;
    const refuse = () => Promise.reject(new Error('Visibility is stopped'));
    for (const method of ASK_VISIBILITY) {
      expect(typeof service[method]).toBe('function');
      Object.defineProperty(service, method, { value: refuse });
    }
    desk = await openDesk(bank);
  });
  afterAll(() => bank.close());

  it('nothing can be found there', async () => {
    const found = bank.dependencies.client.workflow.list({ query: 'ExecutionStatus = "Running"' });
    await expect(found[Symbol.asyncIterator]().next()).rejects.toThrow();
  });

  it('the inbox lists, filters and counts, and people claim and decide', async () => {
    const first = await desk.escalated(LOST);
    const second = await desk.escalated(LOST, { priority: 5 });
    const list = (query: string) => ask(bank, `GET /v1/reviews?${query}`, { key: desk.ann });
    const { status, body } = await list('status=open&queue=support&sort=-age');
    expect(status).toBe(200);
    expect(body.items.map(({ taskId }: { taskId: string }) => taskId)).toEqual(
      expect.arrayContaining([first.taskId, second.taskId]),
    );
    expect(body.counts).toContainEqual(expect.objectContaining({ queue: 'support', status: 'open', count: 2 }));
    expect((await ask(bank, 'POST /v1/reviews/next', { key: desk.ann, json: {} })).status).toBe(200);
    expect((await list('status=claimed')).body.items).toHaveLength(1);
    for (const opened of [first, second]) {
      expect((await desk.decide(opened, { action: 'approve' })).status).toBe(200);
      expect(await desk.ended(opened.taskId)).toMatchObject({ outcome: 'approved' });
    }
  });

  it('the same key is the same task, and a task is cancelled', async () => {
    const json = { type: 'bank-support', input: { message: LOST, customerId: CUSTOMER } };
    const headers = { 'idempotency-key': 'once, with Visibility stopped' };
    const posted = [1, 2].map(() => ask(bank, 'POST /v1/tasks', { key: desk.caller, json, headers }));
    const [one, other] = await Promise.all(posted);
    expect(one?.body.id).toBe(other?.body.id);
    const cancelled = await ask(bank, `POST /v1/tasks/${one?.body.id}/cancel`, { key: desk.caller, json: {} });
    expect(cancelled.status).toBe(202);
    expect(await desk.ended(one?.body.id)).toMatchObject({ outcome: 'cancelled' });
  });
});
