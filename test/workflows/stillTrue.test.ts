import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { goods } from '../../fakes/ordersSample';
import { eventually } from '../api/testApi';
import { openTestBank, type TestBank } from '../support/bank';
import { replayFailures } from '../support/history';
import { acceptUnder, redeploy } from '../support/redeploy';
import { openRefundDesk, type RefundCase, type RefundDesk } from '../support/refundDesk';
import { kindsOf } from '../support/trail';

let bank: TestBank;
let desk: RefundDesk;

beforeAll(async () => {
  bank = await openTestBank({ refund: { review: { undoSeconds: 0, isClaimRequired: false } } });
  desk = await openRefundDesk(bank);
});
afterAll(() => bank.close());

/** How often a payment was asked about, or for a refund. */
function askedOf({ payments }: TestBank, method: string, { purchase: { payment } }: RefundCase): number {
  const path = `/payments/${payment.id}`;
  return payments.requests.filter((each) => each.method === method && each.path.startsWith(path)).length;
}

/**
 * Approves, and returns when the payment was looked at and the order is waited for: what the payment service is asked next is the
 * refund.
 */
async function approvedUntilPaid(where: { bank: TestBank; desk: RefundDesk }, opened: RefundCase): Promise<void> {
  const before = askedOf(where.bank, 'GET', opened);
  where.bank.orders.behave({ kind: 'slow', ms: 2_000 }, 1);
  await where.desk.decide(opened, { action: 'approve' });
  await eventually(
    () => Promise.resolve(askedOf(where.bank, 'GET', opened)),
    (count) => count > before,
  );
}

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
    await approvedUntilPaid({ bank, desk }, opened);
    bank.payments.behave({ kind: 'resets_after_doing' }, 1);
    expect(await desk.ended(opened.taskId)).toMatchObject({ outcome: 'approved' });
    expect(desk.paid(opened)).toHaveLength(1);
    // Done, not answered; looked up; and asked again under the same key, for its answer.
    expect(askedOf(bank, 'POST', opened)).toBe(2);
  });

  it('is paid once when its own refund comes late, after it was asked for', async () => {
    const opened = await desk.refund();
    await approvedUntilPaid({ bank, desk }, opened);
    // What is asked next is whether it was done, and what the payment is by then: that changes under the eyes of who looks.
    bank.payments.behave({ kind: 'resets_and_does_later', requests: 2 }, 1);
    expect(await desk.ended(opened.taskId)).toMatchObject({ outcome: 'approved' });
    expect(desk.paid(opened)).toHaveLength(1);
  });

  it('is delivered when it is approved again after a delivery that was given up and had made the refund', async () => {
    const failures: unknown[] = [];
    const givenUp = await openTestBank({
      refund: { review: { undoSeconds: 0, isClaimRequired: false } },
      wrap: (activities) => ({
        ...activities,
        // As at the end of the day for which a delivery is tried.
        deliver: (request) =>
          activities.deliver(request).catch((error: unknown) => {
            failures.push(error);
            throw ApplicationFailure.nonRetryable('the time is over', 'timeout');
          }),
      }),
    });
    try {
      const its = { bank: givenUp, desk: await openRefundDesk(givenUp) };
      const opened = await its.desk.refund();
      await approvedUntilPaid(its, opened);
      givenUp.payments.behave({ kind: 'resets_after_doing' }, 1);
      const again = await its.desk.round(opened, 2);
      expect(its.desk.paid(opened)).toHaveLength(1);
      await its.desk.decide(again, { action: 'approve' });
      expect(await its.desk.ended(opened.taskId)).toMatchObject({ outcome: 'approved' });
      expect(its.desk.paid(opened)).toHaveLength(1);
      expect(failures).toHaveLength(1);
    } finally {
      await givenUp.close();
    }
  });
});

/** Approves while the order system behaves badly, until the task is back with people. */
async function approvedWhileOrders(
  behaviour: { readonly kind: 'reset' | 'breaks_contract' } | { readonly kind: 'refuses'; readonly status: number },
): Promise<RefundCase> {
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

it('a system that will not be asked before delivery sends it to a person at once, with what it answered', async () => {
  const opened = await approvedWhileOrders({ kind: 'refuses', status: 404 });
  const { reasons } = await desk.review(opened.reviewId);
  expect(reasons).toContainEqual({
    ...reasons.at(-1),
    reason: 'context_unavailable',
    evidence: { failure: 'context_unavailable', integration: 'orders', cause: 'status_404' },
  });
});

it('a task that was accepted before its type named preconditions is delivered without', async () => {
  const before = await acceptUnder(bank, ({ stillTrue: _, ...policy }) => ({
    ...policy,
    version: 'p0000000000000001',
  }));
  try {
    const opened = await desk.refund();
    await desk.decide(opened, { action: 'approve' });
    expect(await desk.ended(opened.taskId)).toMatchObject({ outcome: 'approved' });
    expect(desk.paid(opened)).toHaveLength(1);
  } finally {
    await acceptUnder(bank, () => before);
  }
});

it('a task is held to the preconditions that its policy names, and not to those that were added since', async () => {
  const opened = await desk.refund();
  const never = { name: 'never', integrations: ['orders'], check: () => ({ holds: false, evidence: {} }) };
  const stillTrue = bank.dependencies.taskTypes.get('refund-decision')?.stillTrue ?? [];
  redeploy(bank, { stillTrue: [...stillTrue, never] });
  try {
    bank.payments.befall(opened.purchase.payment.id, { kind: 'disputed' });
    await desk.decide(opened, { action: 'approve' });
    await desk.round(opened, 2);
    const { reasons } = await desk.review(opened.reviewId);
    const failed = reasons.flatMap(
      ({ evidence }: { evidence: { precondition?: string } }) => evidence.precondition ?? [],
    );
    expect(failed).toEqual(['payment_open', 'order_not_refunded_meanwhile']);
  } finally {
    redeploy(bank, { stillTrue });
  }
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
