import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { workflowIdOf } from '../../contracts/words/names';
import type { Role } from '../../contracts/words/roles';
import { type Answer, ask } from '../api/testApi';
import { openTestBank, type TestBank } from '../support/bank';
import { replayFailures } from '../support/history';
import { openRefundDesk, type RefundCase, type RefundDesk } from '../support/refundDesk';

interface Member {
  readonly id: string;
  readonly key: string;
}

let bank: TestBank;
let desk: RefundDesk;
let admin: string;
/** Two approvers, and somebody who decides only where no role is asked for. */
let cho: Member;
let dan: Member;
let ann: Member;

beforeAll(async () => {
  bank = await openTestBank({ refund: { review: { role: 'approver' } } });
  desk = await openRefundDesk(bank);
  admin = await bank.key(['admin']);
  [cho, dan, ann] = [await member('Cho', ['approver']), await member('Dan', ['approver']), await member('Ann')];
});
afterAll(() => bank.close());

async function member(name: string, roles: readonly Role[] = ['reviewer']): Promise<Member> {
  const { id } = (await ask(bank, 'POST /v1/members', { key: admin, json: { name, roles } })).body;
  const { key } = (await ask(bank, 'POST /v1/api-keys', { key: admin, json: { name, memberId: id } })).body;
  return { id, key };
}

const answered = ({ status, body }: Answer) => [status, body?.code ?? body?.id];
const next = (as: string) => ask(bank, 'POST /v1/reviews/next', { key: as, json: {} });

/** A refund that it takes two people to approve, which Cho has approved. */
async function approvedByCho(): Promise<RefundCase> {
  const opened = await desk.refund({ amountMinor: 25_000 });
  expect((await desk.act('claim', opened, cho.key, {})).status).toBe(200);
  expect((await desk.decide(opened, { action: 'approve' }, cho.key)).status).toBe(200);
  return opened;
}

describe('a review that one of two people has approved', () => {
  it('is next for the other, and for nobody who could not decide on it', async () => {
    const opened = await approvedByCho();
    expect(answered(await next(cho.key))).toEqual([204, undefined]);
    expect(answered(await next(ann.key))).toEqual([204, undefined]);
    expect(answered(await next(dan.key))).toEqual([200, opened.reviewId]);
    expect((await desk.decide(opened, { action: 'approve' }, dan.key)).status).toBe(200);
    expect(await desk.ended(opened.taskId)).toMatchObject({ outcome: 'approved' });
  });

  it('can be claimed again by the one who takes the approval back', async () => {
    const opened = await approvedByCho();
    expect(answered(await desk.act('claim', opened, cho.key, {}))).toEqual([403, 'already_approved_by_you']);
    expect((await desk.act('undo', opened, cho.key)).status).toBe(200);
    expect((await desk.act('claim', opened, cho.key, {})).status).toBe(200);
    expect((await desk.decide(opened, { action: 'decline' }, cho.key)).status).toBe(200);
    await desk.ended(opened.taskId);
  });

  it('is given by a lead to those only who may decide on it', async () => {
    const opened = await approvedByCho();
    const assign = (to: string) => desk.act('assign', opened, desk.lea, { to });
    for (const [to, code] of [
      [cho.id, 'already_approved_by_you'],
      [ann.id, 'role_required'],
    ] as const) {
      const { status, body } = await assign(to);
      expect([status, body.code, body.to, body.detail]).toEqual([403, code, to, expect.stringContaining('`to`')]);
    }
    expect((await desk.review(opened.reviewId)).claimedBy).toBeNull();
    expect((await assign(dan.id)).status).toBe(200);
    expect((await desk.decide(opened, { action: 'decline' }, dan.key)).status).toBe(200);
    await desk.ended(opened.taskId);
  });
});

describe('a review that whoever may not decide on it holds', () => {
  it('is theirs to give back, and not to hold longer', async () => {
    const opened = await desk.refund({});
    await letIn(opened, ann);
    expect(answered(await desk.act('extend', opened, ann.key, {}))).toEqual([403, 'role_required']);
    expect((await desk.act('release', opened, ann.key)).status).toBe(200);
    await letIn(opened, ann);
    expect((await desk.act('assign', opened, ann.key, { to: dan.id })).status).toBe(200);
    expect((await desk.decide(opened, { action: 'decline' }, dan.key)).status).toBe(200);
    await desk.ended(opened.taskId);
  });

  /** As a version did that asked a lead only whether the member may decide at all. */
  async function letIn({ taskId }: RefundCase, { id }: Member): Promise<void> {
    const handle = bank.dependencies.client.workflow.getHandle(workflowIdOf(bank.tenant, taskId));
    const actor = { id: 'key_lead', scopes: ['reviews:decide', 'reviews:lead'] };
    await handle.executeUpdate('assign', { args: [{ actor, to: id, leaseSeconds: null }] });
  }
});

it('and every history of these replays', async () => {
  expect(await replayFailures(bank)).toEqual({});
});
