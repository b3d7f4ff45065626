import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ask, eventually } from '../api/testApi';
import { openTestBank, type TestBank } from '../support/bank';
import { replayFailures } from '../support/history';
import { openRefundDesk, type RefundCase, type RefundDesk } from '../support/refundDesk';
import { mint, signalDecide } from '../support/tokens';
import { kindsOf, trailOf } from '../support/trail';

const UNDO_SECONDS = 4;

let bank: TestBank;
let desk: RefundDesk;

beforeAll(async () => {
  bank = await openTestBank({ refund: { review: { undoSeconds: UNDO_SECONDS } } });
  desk = await openRefundDesk(bank);
});
afterAll(() => bank.close());

const answered = ({ status, body }: { status: number; body: { code?: string } }) => [status, body.code];

async function approved(as = desk.ann, sale = {}): Promise<RefundCase> {
  const opened = await desk.refund(sale);
  expect((await desk.act('claim', opened, as, {})).status).toBe(200);
  const { status, body } = await desk.decide(opened, { action: 'approve' }, as);
  expect([status, body.code]).toEqual([200, undefined]);
  return opened;
}

describe('a decision, while it can be taken back', () => {
  it('has no effect yet, and none when it is undone', async () => {
    const opened = await approved();
    const undone = await desk.act('undo', opened, desk.ann);
    expect([undone.status, undone.body.undone.action, undone.body.task.status]).toEqual([
      200,
      'approve',
      'waiting_for_review',
    ]);
    await desk.act('claim', opened, desk.ben, {});
    await desk.decide(opened, { action: 'decline' }, desk.ben);
    expect(await desk.ended(opened.taskId)).toMatchObject({ outcome: 'declined' });
    expect(desk.paid(opened)).toEqual([]);
    const kinds = (await kindsOf(bank, opened.taskId)).filter((kind) => ['decided', 'undone'].includes(kind));
    expect(kinds).toEqual(['decided', 'undone', 'decided']);
    const { rounds } = await desk.review(opened.reviewId);
    expect(rounds[0].undone).toMatchObject([{ decision: { action: 'approve' } }]);
  });

  it('that came by a signal is not made again by the same token, once it was undone', async () => {
    const opened = await desk.refund();
    await desk.act('claim', opened, desk.ann, {});
    const token = await mint(bank, opened, { as: desk.ann, json: { action: 'approve' } });
    await signalDecide(bank, opened.taskId, token);
    await eventually(
      () => kindsOf(bank, opened.taskId),
      (kinds) => kinds.includes('decided'),
    );
    expect((await desk.act('undo', opened, desk.ann)).status).toBe(200);
    await desk.act('claim', opened, desk.ann, {});
    await signalDecide(bank, opened.taskId, token);
    const trail = await eventually(
      () => trailOf(bank, opened.taskId),
      (entries) => entries.some(({ kind }) => kind === 'decision_refused'),
    );
    expect(trail.at(-1)?.facts).toEqual({ code: 'token_invalid', why: 'used', surface: 'signal' });
    expect((await desk.decide(opened, { action: 'decline' }, desk.ann)).status).toBe(200);
    expect(await desk.ended(opened.taskId)).toMatchObject({ outcome: 'declined' });
  });

  it('is undone by nobody else, save a lead', async () => {
    const opened = await approved();
    expect(answered(await desk.act('undo', opened, desk.ben))).toEqual([403, 'not_your_decision']);
    expect((await desk.act('undo', opened, desk.lea)).status).toBe(200);
    expect(answered(await desk.act('undo', opened, desk.ann))).toEqual([409, 'not_decided']);
    expect(desk.paid(opened)).toEqual([]);
  });

  it('keeps everybody else from deciding', async () => {
    const opened = await approved();
    const other = await desk.decide(opened, { action: 'decline' }, desk.ben);
    expect(answered(other)).toEqual([409, 'already_decided']);
    expect(await desk.ended(opened.taskId)).toMatchObject({ outcome: 'approved' });
  });

  it('is without effect when the task is cancelled', async () => {
    const opened = await approved();
    const cancelled = await ask(bank, `POST /v1/tasks/${opened.taskId}/cancel`, { key: desk.caller, json: {} });
    expect(cancelled.status).toBe(202);
    expect(await desk.ended(opened.taskId)).toMatchObject({ outcome: 'cancelled' });
    expect(desk.paid(opened)).toEqual([]);
  });
});

describe('a decision, once its time is over', () => {
  it('takes effect, and can not be undone', async () => {
    const opened = await approved();
    const { decision } = (await desk.review(opened.reviewId)).rounds[0];
    expect(await desk.ended(opened.taskId)).toMatchObject({ outcome: 'approved' });
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(decision.undoUntil));
    expect(answered(await desk.act('undo', opened, desk.ann))).toEqual([409, 'too_late']);
    expect(desk.paid(opened)).toHaveLength(1);
  });

  it('an approval that waits for others’ can still be taken back', async () => {
    const opened = await approved(desk.ann, { amountMinor: 30_000 });
    expect((await desk.review(opened.reviewId)).needed.missing).toBe(1);
    await eventually(
      () => Promise.resolve(Date.now()),
      (now) => now > Date.parse(opened.task.createdAt) + (UNDO_SECONDS + 1) * 1000,
    );
    expect((await desk.act('undo', opened, desk.ann)).status).toBe(200);
    expect((await desk.review(opened.reviewId)).needed.missing).toBe(2);
  });
});

describe('where only the holder of the claim decides', () => {
  it('a decision without it is refused', async () => {
    const opened = await desk.refund();
    expect(answered(await desk.decide(opened, { action: 'approve' }))).toEqual([409, 'not_claimed']);
    await desk.act('claim', opened, desk.ben, {});
    expect(answered(await desk.decide(opened, { action: 'approve' }))).toEqual([409, 'claimed_by_other']);
  });

  it('a lead gives it to somebody, and takes it back; others can do neither', async () => {
    const member = await memberWhoDecides();
    const opened = await desk.refund();
    expect(answered(await desk.act('assign', opened, desk.ann, { to: member }))).toEqual([403, 'role_required']);
    const assigned = await desk.act('assign', opened, desk.lea, { to: member });
    expect([assigned.status, assigned.body.by]).toEqual([200, member]);
    expect(await desk.review(opened.reviewId)).toMatchObject({ claimedBy: member, claimedByName: 'Dee' });
    expect(answered(await desk.decide(opened, { action: 'approve' }))).toEqual([409, 'claimed_by_other']);
    expect(answered(await desk.act('release', opened, desk.ann))).toEqual([409, 'claimed_by_other']);
    expect((await desk.act('release', opened, desk.lea)).status).toBe(200);
    expect((await desk.act('claim', opened, desk.ann, {})).status).toBe(200);
    expect((await desk.act('assign', opened, desk.ann, { to: member })).status).toBe(200);
    expect(answered(await desk.act('assign', opened, desk.lea, { to: 'mem_0000000000000000' }))).toEqual([
      404,
      'member_unknown',
    ]);
  });
});

async function memberWhoDecides(): Promise<string> {
  const made = await ask(bank, 'POST /v1/members', {
    key: await bank.key(),
    json: { name: 'Dee', roles: ['reviewer'] },
  });
  expect(made.status).toBe(201);
  return made.body.id as string;
}

it('and every history of these replays', async () => {
  expect(await replayFailures(bank)).toEqual({});
});
