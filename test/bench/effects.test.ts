import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { recountEffects } from '../../bench/races/effects';
import { type FakeCrm, startFakeCrm } from '../../fakes/crm';

let crm: FakeCrm;

beforeEach(async () => {
  crm = await startFakeCrm();
});
afterEach(() => crm.close());

const TASK = 'tsk_1';
const CALL = { customer: 'cus_1001', reply: 'Your card is blocked.' };

async function tell(key: string, changes: Partial<typeof CALL> = {}): Promise<number> {
  const { customer, reply } = { ...CALL, ...changes };
  const { status } = await fetch(`${crm.url}/customers/${customer}/interactions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({ channel: 'message', intent: 'card_lost', reply }),
  });
  return status;
}

const recount = (winner: 'approve' | 'decline' | null = 'approve') =>
  recountEffects(crm, [
    { taskId: TASK, winner },
    { taskId: 'tsk_2', winner: 'decline' },
  ]);
const faultsOf = (winner?: 'approve' | 'decline' | null) => recount(winner).faults.get(TASK)?.join();

test('one call for what was approved, and none for what was declined, is right', async () => {
  await tell(`${TASK}:log`);
  expect(recount()).toEqual({ faults: new Map(), repeatedCalls: 0, otherCalls: 0 });
});

test('the same call again is counted, and is no fault', async () => {
  for (let times = 0; times < 3; times += 1) await tell(`${TASK}:log`);
  expect(recount()).toEqual({ faults: new Map(), repeatedCalls: 2, otherCalls: 0 });
});

test('a second call under another key is a fault', async () => {
  await tell(`${TASK}:log`);
  await tell(`${TASK}:log-2`);
  expect(faultsOf()).toMatch('calls under 2 keys');
});

test.each([
  ['another text', { reply: 'Your card is not blocked.' }],
  ['another customer', { customer: 'cus_1002' }],
])('a call under the same key with %s is a fault, though the outside refused it', async (_, changes) => {
  await tell(`${TASK}:log`);
  expect(await tell(`${TASK}:log`, changes)).toBe(409);
  expect(faultsOf()).toMatch('calls with 2 different bodies');
});

test('a call for what was declined is a fault, also when nothing came of it', async () => {
  crm.behave({ kind: 'down' });
  await tell(`${TASK}:log`);
  expect(crm.interactions).toEqual([]);
  expect(faultsOf('decline')).toMatch('1 calls for what was declined');
});

test('an approval of which nothing came is a fault', () => {
  expect(faultsOf()).toMatch('0 effects in the end where 1 is due');
});

test('of a race whose end is not known, only what must never be is a fault', async () => {
  expect(faultsOf(null)).toBeUndefined();
  await tell(`${TASK}:log`);
  expect(faultsOf(null)).toBeUndefined();
  await tell(`${TASK}:log`, { reply: 'Your card is not blocked.' });
  expect(faultsOf(null)).toMatch('different bodies');
});

test('a call under a key of no task that was raced for is counted', async () => {
  await tell('tsk_3:log');
  expect(recount().otherCalls).toBe(1);
});
