import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { workflowIdOf } from '../../contracts/words/names';
import { CLAIM_UPDATE, type ClaimRequest, type ClaimResult } from '../../contracts/words/review';
import { ask, eventually } from '../api/testApi';
import { openTestBank, type TestBank } from '../support/bank';
import { type Desk, type Opened, openDesk } from '../support/desk';
import { replayFailures } from '../support/history';
import { kindsOf } from '../support/trail';

let bank: TestBank;
let desk: Desk;
let opened: Opened;

beforeAll(async () => {
  bank = await openTestBank();
  desk = await openDesk(bank);
  opened = await desk.escalated('I lost my card somewhere in town, what now?');
});
afterAll(() => bank.close());

const hold = (verb: string, key: string, json?: object) =>
  ask(bank, `POST /v1/reviews/${opened.reviewId}/${verb}`, { key, ...(json && { json }) });

it('a claim is one reviewer’s: others can neither claim, extend, release nor decide', async () => {
  const claimed = await hold('claim', desk.ann, { leaseSeconds: 60 });
  expect(claimed.status).toBe(200);
  const others = [
    await hold('claim', desk.ben, {}),
    await hold('extend', desk.ben, {}),
    await hold('release', desk.ben),
    await desk.decide(opened, { action: 'approve' }, desk.ben),
  ];
  for (const { status, body } of others) {
    expect([status, body.code]).toEqual([409, 'claimed_by_other']);
    expect(body).toMatchObject({ claimedBy: claimed.body.by, claimedUntil: claimed.body.until });
  }
  expect(await desk.review(opened.reviewId)).toMatchObject({ status: 'claimed', claimedBy: claimed.body.by });
});

it('its holder can make it longer, which keeps its beginning', async () => {
  const { since, until } = (await hold('claim', desk.ann, { leaseSeconds: 60 })).body;
  const extended = await hold('extend', desk.ann, { leaseSeconds: 600 });
  expect(extended.body.since).toBe(since);
  expect(Date.parse(extended.body.until) - Date.parse(until)).toBeGreaterThan(500_000);
});

it('its holder can give it back, and then it is anyone’s', async () => {
  expect((await hold('release', desk.ann)).status).toBe(200);
  const again = await hold('release', desk.ann);
  expect([again.status, again.body.code]).toEqual([409, 'not_claimed']);
  expect((await hold('claim', desk.ben, {})).status).toBe(200);
  expect((await hold('release', desk.ben)).status).toBe(200);
  expect(await desk.review(opened.reviewId)).toMatchObject({ status: 'open', claimedBy: null });
});

it('one that ran out holds nobody back', async () => {
  const handle = bank.dependencies.client.workflow.getHandle(workflowIdOf(bank.tenant, opened.taskId));
  const request: ClaimRequest = { actor: { id: 'key_away', scopes: ['reviews:decide'] }, leaseSeconds: 1 };
  const { until } = await handle.executeUpdate<ClaimResult, [ClaimRequest]>(CLAIM_UPDATE, { args: [request] });
  const early = await desk.decide(opened, { action: 'approve' });
  expect([early.status, early.body.code]).toEqual([409, 'claimed_by_other']);
  await eventually(
    () => Promise.resolve(Date.now()),
    (now) => now > Date.parse(until),
  );
  const decided = await eventually(
    () => desk.decide(opened, { action: 'approve' }),
    ({ status }) => status === 200,
  );
  expect(decided.body.decision).toMatchObject({ action: 'approve' });
  expect(await desk.ended(opened.taskId)).toMatchObject({ outcome: 'approved' });
  const late = await hold('claim', desk.ben, {});
  expect([late.status, late.body.code]).toEqual([409, 'already_decided']);
});

it('the audit trail has each claim and each release, and the history replays', async () => {
  const kinds = (await kindsOf(bank, opened.taskId)).filter((kind) =>
    ['claimed', 'released', 'decided'].includes(kind),
  );
  expect(kinds).toEqual(['claimed', 'claimed', 'released', 'claimed', 'released', 'claimed', 'decided']);
  expect(await replayFailures(bank)).toEqual({});
});
