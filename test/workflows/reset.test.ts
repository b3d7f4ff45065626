import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { workflowIdOf } from '../../contracts/words/names';
import { eventually } from '../api/testApi';
import { openTestBank, type TestBank } from '../support/bank';
import { type Desk, openDesk } from '../support/desk';
import { replayFailures } from '../support/history';

/** `RESET_REAPPLY_EXCLUDE_TYPE_UPDATE` of the server's API. */
const UPDATES = 2;

let bank: TestBank;
let desk: Desk;

beforeAll(async () => {
  bank = await openTestBank();
  desk = await openDesk(bank);
});
afterAll(() => bank.close());

/** Goes back to where the review was opened, and leaves the decision out. */
async function reopen(taskId: string): Promise<void> {
  const { client, config } = bank.dependencies;
  const { namespace } = config.temporal;
  const workflowId = workflowIdOf(bank.tenant, taskId);
  const handle = client.workflow.getHandle(workflowId);
  const { events = [] } = await handle.fetchHistory();
  const accepted = (events ?? []).findIndex((event) => event.workflowExecutionUpdateAcceptedEventAttributes);
  const completed = (events ?? []).slice(0, accepted).filter((event) => event.workflowTaskCompletedEventAttributes);
  const { runId } = await handle.describe();
  await client.workflowService.resetWorkflowExecution({
    namespace,
    workflowExecution: { workflowId, runId },
    reason: 'test',
    requestId: randomUUID(),
    workflowTaskFinishEventId: completed.at(-2)?.eventId ?? null,
    resetReapplyExcludeTypes: [UPDATES],
  });
}

it('a task that was reset is decided anew, and the store says what its new run says', async () => {
  const opened = await desk.escalated('I lost my card somewhere in town, what now?');
  await desk.decide(opened, { action: 'approve' });
  expect(await desk.ended(opened.taskId)).toMatchObject({ outcome: 'approved' });
  await reopen(opened.taskId);
  await eventually(
    () => desk.task(opened.taskId),
    ({ status }) => status === 'waiting_for_review',
  );
  const answer = await desk.decide(opened, { action: 'decline', reasonCode: 'reset' }, desk.ben);
  expect(answer.status).toBe(200);
  expect(await desk.ended(opened.taskId)).toMatchObject({ status: 'completed', outcome: 'declined' });
  expect(await replayFailures(bank)).toEqual({});
});
