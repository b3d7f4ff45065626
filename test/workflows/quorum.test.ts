import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LocalSteps, RemoteSteps } from '../../contracts/words/steps';
import { goods } from '../../fakes/ordersSample';
import { ask, eventually } from '../api/testApi';
import { openTestBank, type TestBank } from '../support/bank';
import { replayFailures } from '../support/history';
import { openRefundDesk, type RefundDesk } from '../support/refundDesk';
import { refundTask, sell } from '../support/shop';
import { mint, signalDecide } from '../support/tokens';
import { kindsOf, trailOf } from '../support/trail';

const FREE = { undoSeconds: 0, isClaimRequired: false };
const ABOVE_LIMIT = { amountMinor: 25_000 };

let bank: TestBank;
let desk: RefundDesk;

beforeAll(async () => {
  bank = await openTestBank({ refund: { review: FREE } });
  desk = await openRefundDesk(bank);
});
afterAll(() => bank.close());

const answered = ({ status, body }: { status: number; body: { code?: string } }) => [status, body.code];

describe('a refund above the limit', () => {
  it('is paid once two people have approved it, one of them an approver', async () => {
    const opened = await desk.refund(ABOVE_LIMIT);
    expect((await desk.review(opened.reviewId)).needed).toEqual({
      approvals: 2,
      approvers: 1,
      rule: 'refund_above_limit',
      missing: 2,
    });
    const first = await desk.decide(opened, { action: 'approve' });
    expect([first.status, first.body.decision.missingApprovals]).toEqual([200, 1]);
    expect(await desk.review(opened.reviewId)).toMatchObject({ status: 'open', needed: { missing: 1 } });
    expect(desk.paid(opened)).toEqual([]);
    const second = await desk.decide(opened, { action: 'approve' }, desk.cho);
    expect([second.status, second.body.decision.missingApprovals]).toEqual([200, 0]);
    expect(await desk.ended(opened.taskId)).toMatchObject({ outcome: 'approved', output: { totalMinor: 25_000 } });
    expect(desk.paid(opened)).toMatchObject([{ amountMinor: 25_000 }]);
    expect(await kindsOf(bank, opened.taskId)).toEqual(expect.arrayContaining(['approved_in_part', 'decided']));
    const { rounds } = await desk.review(opened.reviewId);
    expect(rounds[0].approvals).toHaveLength(1);
  });

  it('is not paid for the same person twice, nor for two who are no approvers', async () => {
    const opened = await desk.refund(ABOVE_LIMIT);
    await desk.decide(opened, { action: 'approve' });
    expect(answered(await desk.decide(opened, { action: 'approve' }))).toEqual([403, 'already_approved_by_you']);
    const other = await desk.decide(opened, { action: 'approve' }, desk.ben);
    expect(answered(other)).toEqual([403, 'role_required']);
    expect(other.body.role).toBe('approver');
    expect(desk.paid(opened)).toEqual([]);
    const refused = (await trailOf(bank, opened.taskId)).filter(({ kind }) => kind === 'decision_refused');
    expect(refused.map(({ facts }) => facts['code'])).toEqual(['already_approved_by_you', 'role_required']);
  });

  it('is not paid for the same person by HTTP and by a signal', async () => {
    const opened = await desk.refund(ABOVE_LIMIT);
    const token = await mint(bank, opened, { as: desk.ann, json: { action: 'approve' } });
    await desk.decide(opened, { action: 'approve' });
    await signalDecide(bank, opened.taskId, token);
    const refused = await eventually(
      () => trailOf(bank, opened.taskId),
      (trail) => trail.some(({ kind }) => kind === 'decision_refused'),
    );
    expect(refused.at(-1)?.facts).toMatchObject({ code: 'already_approved_by_you', surface: 'signal' });
    expect(desk.paid(opened)).toEqual([]);
  });

  it('loses its first approval when the second person corrects it', async () => {
    const opened = await desk.refund(ABOVE_LIMIT);
    const { draft } = await desk.review(opened.reviewId);
    await desk.decide(opened, { action: 'approve' });
    const [line] = draft.output.lines;
    const lines = [{ ...line, amountMinor: 24_000 }];
    const output = { ...draft.output, decision: 'partial_refund', lines, totalMinor: 24_000 };
    const corrected = await desk.decide(opened, { action: 'correct', output }, desk.cho);
    expect(corrected.status).toBe(200);
    const next = await desk.round(opened, 2);
    expect(next.digest).not.toBe(opened.digest);
    expect(await desk.review(opened.reviewId)).toMatchObject({ needed: { missing: 1 }, draft: { output } });
    expect(answered(await desk.decide(opened, { action: 'approve' }, desk.ben))).toEqual([409, 'stale_digest']);
    expect(answered(await desk.decide(next, { action: 'approve' }, desk.cho))).toEqual([
      403,
      'already_approved_by_you',
    ]);
    expect((await desk.decide(next, { action: 'approve' })).status).toBe(200);
    expect(await desk.ended(opened.taskId)).toMatchObject({ outcome: 'corrected', output: { totalMinor: 24_000 } });
    expect(desk.paid(opened)).toMatchObject([{ amountMinor: 24_000 }]);
  });

  it('is paid by the one who corrects it to below the limit', async () => {
    const opened = await desk.refund(ABOVE_LIMIT);
    const { draft } = await desk.review(opened.reviewId);
    const lines = [{ ...draft.output.lines[0], amountMinor: 5_000 }];
    const output = { ...draft.output, decision: 'partial_refund', lines, totalMinor: 5_000 };
    expect((await desk.decide(opened, { action: 'correct', output })).status).toBe(200);
    expect(await desk.ended(opened.taskId)).toMatchObject({ outcome: 'corrected', output: { totalMinor: 5_000 } });
    expect(desk.paid(opened)).toMatchObject([{ amountMinor: 5_000 }]);
  });

  it('is paid by the one who leaves out an item that takes it above the limit', async () => {
    const lines = [
      goods('SOFA', 'Sofa', { unitPaidMinor: 25_000 }),
      goods('CUSHION', 'Cushion', { unitPaidMinor: 2_000 }),
    ];
    const opened = await desk.refundAll({ lines });
    const { needed } = await desk.review(opened.reviewId);
    expect(needed).toMatchObject({ approvals: 2, rule: 'refund_above_limit' });
    const items = ['decline', 'approve'].map((action, index) => ({ index, action }));
    expect((await desk.decide(opened, { action: 'correct', items })).status).toBe(200);
    expect(await desk.ended(opened.taskId)).toMatchObject({ outcome: 'corrected', output: { totalMinor: 2_000 } });
    expect(desk.paid(opened)).toMatchObject([{ amountMinor: 2_000 }]);
  });

  it('is declined by one', async () => {
    const opened = await desk.refund(ABOVE_LIMIT);
    await desk.decide(opened, { action: 'approve' });
    expect((await desk.decide(opened, { action: 'decline' }, desk.ben)).status).toBe(200);
    expect(await desk.ended(opened.taskId)).toMatchObject({ outcome: 'declined' });
    expect(desk.paid(opened)).toEqual([]);
  });
});

describe('a refund', () => {
  it('that one person corrects to above the limit needs another', async () => {
    const opened = await desk.refund({ amountMinor: 20_000 });
    const { draft, needed } = await desk.review(opened.reviewId);
    expect(needed).toMatchObject({ approvals: 1, rule: null });
    const output = {
      ...draft.output,
      lines: [{ ...draft.output.lines[0], amountMinor: 20_001 }],
      totalMinor: 20_001,
    };
    await desk.decide(opened, { action: 'correct', output });
    const next = await desk.round(opened, 2);
    expect((await desk.review(opened.reviewId)).needed).toMatchObject({ rule: 'refund_above_limit', missing: 1 });
    expect(desk.paid(opened)).toEqual([]);
    expect((await desk.decide(next, { action: 'decline' }, desk.cho)).status).toBe(200);
    expect(await desk.ended(opened.taskId)).toMatchObject({ outcome: 'declined' });
  });

  it('is not decided by whoever asked for it', async () => {
    const both = await bank.key(['tasks:write', 'tasks:read', 'reviews:read', 'reviews:decide', 'reviews:approve']);
    const purchase = sell(bank);
    const posted = await ask(bank, 'POST /v1/tasks', {
      key: both,
      json: { ...refundTask(purchase), review: 'required' },
    });
    const task = posted.body.id as string;
    const opened = await desk.opened(task);
    for (const action of ['approve', 'decline'])
      expect(answered(await desk.decide(opened, { action }, both))).toEqual([403, 'own_task']);
    expect((await desk.decide(opened, { action: 'approve' })).status).toBe(200);
    expect(await desk.ended(task)).toMatchObject({ outcome: 'approved' });
  });

  it('is not delivered when the workflow was told of fewer people than the content needs', async () => {
    const naive = await openTestBank({ refund: { review: FREE }, wrap: forgetNeeded });
    try {
      const naiveDesk = await openRefundDesk(naive);
      const opened = await naiveDesk.refund(ABOVE_LIMIT);
      expect((await naiveDesk.decide(opened, { action: 'approve' })).body.decision.missingApprovals).toBe(0);
      const again = await naiveDesk.round(opened, 2);
      expect(naiveDesk.paid(opened)).toEqual([]);
      expect((await naiveDesk.review(opened.reviewId)).needed).toMatchObject({ approvals: 2, missing: 2 });
      await naiveDesk.decide(again, { action: 'approve' });
      await naiveDesk.decide(again, { action: 'approve' }, naiveDesk.cho);
      expect(await naiveDesk.ended(opened.taskId)).toMatchObject({ outcome: 'approved' });
      expect(naiveDesk.paid(opened)).toHaveLength(1);
      expect(await replayFailures(naive)).toEqual({});
    } finally {
      await naive.close();
    }
  });
});

it('and every history of these replays', async () => {
  expect(await replayFailures(bank)).toEqual({});
});

/** As if the draft had been made before the rule was. */
function forgetNeeded(activities: LocalSteps & RemoteSteps): LocalSteps & RemoteSteps {
  return {
    ...activities,
    draftLocally: async (request) => {
      const made = await activities.draftLocally(request);
      if (made.draft === null) return made;
      const { needed: _, ...draft } = made.draft;
      return { ...made, draft };
    },
  };
}
