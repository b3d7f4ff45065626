import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ask } from '../api/testApi';
import { type TestBank, openTestBank } from '../support/bank';
import { type Desk, type Opened, openDesk } from '../support/desk';
import { refundTask, sell } from '../support/shop';

const MESSAGE = 'The teapot is broken, I would like a refund please.';

let bank: TestBank;
let desk: Desk;

beforeAll(async () => {
  bank = await openTestBank({
    refund: { grants: [{ class: 'damaged', threshold: 0.5, auditRate: 0.01 }], review: { undoSeconds: 0 } },
  });
  desk = await openDesk(bank);
});
afterAll(() => bank.close());

const refundsOf = (paymentId: string) => bank.payments.refunds.filter((refund) => refund.paymentId === paymentId);

async function claimed(opened: Opened): Promise<Opened> {
  const answer = await ask(bank, `POST /v1/reviews/${opened.reviewId}/claim`, { key: desk.ann, json: {} });
  if (answer.status !== 200) throw new Error(`the claim was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return opened;
}

describe('a refund below the limit', () => {
  it('is claimed, read in words and approved, and the money moves once', async () => {
    const { order, payment } = sell(bank);
    const opened = await claimed(
      await desk.escalated(MESSAGE, { ...refundTask({ order, payment }), review: 'required' }),
    );
    expect(opened.reasons).toEqual(['requested_by_caller']);
    const review = await desk.review(opened.reviewId);
    expect(review).toMatchObject({
      class: 'damaged',
      deciding: { roles: ['reviewer'], needsClaim: true, undoSeconds: 0 },
      draft: {
        output: { decision: 'refund', totalMinor: 4_000, refundTo: 'card …4242' },
        effects: [{ name: 'refund_payment', sentence: 'Refunds £40.00 to card …4242.' }],
      },
    });
    const { status, body } = await desk.decide(opened, { action: 'approve' });
    expect([status, body.code]).toEqual([200, undefined]);
    expect(await desk.ended(opened.taskId)).toMatchObject({ outcome: 'approved', output: { totalMinor: 4_000 } });
    expect(refundsOf(payment.id)).toMatchObject([
      { amountMinor: 4_000, currency: 'GBP', reference: order.id, idempotencyKey: `${opened.taskId}:refund_payment` },
    ]);
  });

  it('moves the money once where the payment service does it and breaks off', async () => {
    const { order, payment } = sell(bank);
    const opened = await claimed(
      await desk.escalated(MESSAGE, { ...refundTask({ order, payment }), review: 'required' }),
    );
    bank.payments.behave({ kind: 'resets_after_doing' }, 1);
    await desk.decide(opened, { action: 'approve' });
    const task = await desk.ended(opened.taskId);
    expect(refundsOf(payment.id)).toHaveLength(1);
    expect(task).toMatchObject({ outcome: 'approved' });
  });

  it('runs alone where its owner has granted the class', async () => {
    const { order, payment } = sell(bank);
    const task = await desk.answered(MESSAGE, refundTask({ order, payment }));
    expect(task).toMatchObject({ outcome: 'answered', class: { name: 'damaged' }, permit: { kind: 'grant' } });
    expect(refundsOf(payment.id)).toHaveLength(1);
  });

  it('is not paid when it is declined', async () => {
    const { order, payment } = sell(bank);
    const opened = await claimed(
      await desk.escalated(MESSAGE, { ...refundTask({ order, payment }), review: 'required' }),
    );
    await desk.decide(opened, { action: 'decline', reasonCode: 'no_photo' });
    expect(await desk.ended(opened.taskId)).toMatchObject({ outcome: 'declined', output: null });
    expect(refundsOf(payment.id)).toEqual([]);
  });
});

describe('a refund above the limit', () => {
  it('goes to people, whatever its owner has granted, who are told why', async () => {
    const { order, payment } = sell(bank, { amountMinor: 20_001 });
    const opened = await desk.escalated(MESSAGE, refundTask({ order, payment }));
    expect(opened.reasons).toEqual(['policy_requires_review']);
    expect(refundsOf(payment.id)).toEqual([]);
  });
});
