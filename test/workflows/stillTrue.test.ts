import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { goods } from '../../fakes/ordersSample';
import { eventually } from '../api/testApi';
import { openTestBank, type TestBank } from '../support/bank';
import { replayFailures } from '../support/history';
import { openRefundDesk, type RefundCase, type RefundDesk } from '../support/refundDesk';
import { kindsOf } from '../support/trail';

let bank: TestBank;
let desk: RefundDesk;

beforeAll(async () => {
  bank = await openTestBank({ refund: { review: { undoSeconds: 0, isClaimRequired: false } } });
  desk = await openRefundDesk(bank);
});
afterAll(() => bank.close());

describe('a refund whose payment changes after it was put to review', () => {
  it('is not paid, and goes back to a person with what has changed', async () => {
    const opened = await desk.refund();
    bank.payments.befall(opened.purchase.payment.id, { kind: 'disputed' });
    expect((await desk.decide(opened, { action: 'approve' })).status).toBe(200);
    const again = await desk.round(opened, 2);
    expect(desk.paid(opened)).toEqual([]);
    const review = await desk.review(opened.reviewId);
    const reason = review.reasons.find((each: { reason: string }) => each.reason === 'changed_since_approval');
    expect(reason.evidence).toMatchObject({ precondition: 'payment_open', was: 'captured', is: 'disputed' });
    expect(review.changes).toContainEqual({
      integration: 'payments',
      path: '/status',
      before: 'captured',
      after: 'disputed',
    });
    expect(await kindsOf(bank, opened.taskId)).toContain('delivery_refused');
    await desk.decide(again, { action: 'approve' });
    const third = await desk.round(opened, 3);
    expect(desk.paid(opened)).toEqual([]);
    await desk.decide(third, { action: 'decline' });
    expect(await desk.ended(opened.taskId)).toMatchObject({ outcome: 'declined', permit: null });
  });

  it('goes back with what has changed also where that is personal data, which stays masked', async () => {
    const opened = await desk.refund({ lines: [goods('VASE-RED', 'Vase for jane@example.com')] });
    const { order, payment } = opened.purchase;
    bank.orders.put({ ...order, lines: order.lines.map((line) => ({ ...line, name: 'Vase for joe@example.org' })) });
    bank.payments.befall(payment.id, { kind: 'disputed' });
    await desk.decide(opened, { action: 'approve' });
    await desk.round(opened, 2);
    const { changes } = await desk.review(opened.reviewId);
    const [before, after] = ['Vase for [EMAIL]', 'Vase for [EMAIL]'];
    expect(changes).toContainEqual({ integration: 'orders', path: '/lines/0/name', before, after });
    expect(JSON.stringify(changes)).not.toMatch(/@example/);
  });

  it('is not paid twice where it was refunded elsewhere', async () => {
    const opened = await desk.refund();
    bank.payments.befall(opened.purchase.payment.id, { kind: 'refunded_elsewhere', amountMinor: 1_000 });
    await desk.decide(opened, { action: 'approve' });
    await desk.round(opened, 2);
    const review = await desk.review(opened.reviewId);
    expect(review.reasons.map(({ evidence }: { evidence: object }) => evidence)).toContainEqual({
      precondition: 'order_not_refunded_meanwhile',
      totalMinor: 4_000,
      refundableMinorThen: 4_000,
      refundableMinor: 3_000,
    });
    expect(desk.paid(opened)).toEqual([]);
  });

  it('is paid all the same when its own refund is what has changed it', async () => {
    const opened = await desk.refund();
    const { id } = opened.purchase.payment;
    const asked = (method: string) =>
      bank.payments.requests.filter((each) => each.method === method && each.path.startsWith(`/payments/${id}`)).length;
    const askedBefore = asked('GET');
    // While the order is waited for, the payment is looked at: what it is asked next is the refund.
    bank.orders.behave({ kind: 'slow', ms: 2_000 }, 1);
    await desk.decide(opened, { action: 'approve' });
    await eventually(
      () => Promise.resolve(asked('GET')),
      (count) => count > askedBefore,
    );
    bank.payments.behave({ kind: 'resets_after_doing' }, 1);
    expect(await desk.ended(opened.taskId)).toMatchObject({ outcome: 'approved' });
    expect(desk.paid(opened)).toHaveLength(1);
    // Done, not answered; looked up; and asked again under the same key, for its answer.
    expect(asked('POST')).toBe(2);
  });
});

/** Approves while the order system behaves badly, until the task is back with people. */
async function approvedWhileOrders(behaviour: { readonly kind: 'reset' | 'breaks_contract' }): Promise<RefundCase> {
  const opened = await desk.refund();
  bank.orders.behave(behaviour);
  try {
    await desk.decide(opened, { action: 'approve' });
    return await desk.round(opened, 2);
  } finally {
    bank.orders.behave({ kind: 'ok' });
  }
}

it('a system that can not be asked before delivery is waited for, then a person decides', async () => {
  const opened = await approvedWhileOrders({ kind: 'reset' });
  expect(desk.paid(opened)).toEqual([]);
  const { reasons, digest } = await desk.review(opened.reviewId);
  expect(reasons.map(({ reason }: { reason: string }) => reason)).toContain('context_unavailable');
  await desk.decide({ ...opened, digest }, { action: 'approve' });
  expect(await desk.ended(opened.taskId)).toMatchObject({ outcome: 'approved' });
  expect(desk.paid(opened)).toHaveLength(1);
});

it('a system that breaks its contract before delivery is not believed', async () => {
  const opened = await approvedWhileOrders({ kind: 'breaks_contract' });
  expect(desk.paid(opened)).toEqual([]);
  const { reasons } = await desk.review(opened.reviewId);
  expect(reasons.map(({ evidence }: { evidence: object }) => evidence)).toContainEqual({
    precondition: 'order_unchanged',
    unavailable: ['orders'],
  });
});

it('a refund that a grant let alone is looked at as well', async () => {
  const granted = await openTestBank({
    refund: {
      grants: [{ class: 'damaged', threshold: 0.5, auditRate: 0.01 }],
      review: { undoSeconds: 0, isClaimRequired: false },
    },
    wrap: (activities) => ({
      ...activities,
      deliver: async (request) => {
        const paymentId = granted.payments.requests.at(-1)?.path.split('/').at(-1) ?? '';
        granted.payments.befall(paymentId, { kind: 'charged_back' });
        return activities.deliver(request);
      },
    }),
  });
  try {
    const grantedDesk = await openRefundDesk(granted);
    const opened = await grantedDesk.refund({}, {});
    expect(opened.reasons).toContain('changed_since_approval');
    expect(grantedDesk.paid(opened)).toEqual([]);
  } finally {
    await granted.close();
  }
});

it('and every history of these replays', async () => {
  expect(await replayFailures(bank)).toEqual({});
});
