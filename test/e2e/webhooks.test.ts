import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { readDeliveries, type WebhookDelivery } from '../../store/webhooks';
import { ask, eventually } from '../api/testApi';
import { openTestBank, type TestBank, type TestBankOptions } from '../support/bank';
import { CUSTOMER, type Desk, openDesk } from '../support/desk';
import { type Received, type Receiver, startReceiver } from '../support/receiver';
import { unsampledKey } from '../support/unsampledKey';

const RATE = 'What is your exchange rate for euros today?';
const LOST = 'I lost my card somewhere in town, what now?';
const GRANTED: TestBankOptions = { grants: [{ class: 'exchange_rate', threshold: 0.5, auditRate: 0.01 }] };

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
beforeEach(() => receiver.behave(200));
afterAll(() => receiver.close());

const deliveriesOf = ({ dependencies, tenant }: TestBank, taskId: string) =>
  dependencies.store.inTenant(tenant, (tx) => readDeliveries(tx, taskId));

/** Waits until the one delivery of the task is as wanted. */
async function delivery(
  bank: TestBank,
  taskId: string,
  isFine: (one: WebhookDelivery) => boolean,
): Promise<WebhookDelivery> {
  const [one] = await eventually(
    () => deliveriesOf(bank, taskId),
    ([first]) => first !== undefined && isFine(first),
  );
  if (!one) throw new Error('there is no delivery');
  return one;
}

describe('a webhook', () => {
  let bank: TestBank;
  let desk: Desk;

  beforeAll(async () => {
    bank = await openTestBank(GRANTED);
    desk = await openDesk(bank);
  });
  afterAll(() => bank.close());

  /** Throws where the signature is not by the tenant's secret. */
  async function verified({ raw, headers }: Received): Promise<unknown> {
    const { secret } = (await ask(bank, 'GET /v1/webhook-secret', { key: await bank.key(['admin']) })).body;
    return new Webhook(secret).verify(raw, { ...headers });
  }

  it('tells of a review and of the end, each once, signed by the tenant’s secret', async () => {
    const opened = await desk.escalated(LOST, {
      callbackUrl: receiver.url,
      reference: 'order 17',
      metadata: { shop: 4 },
    });
    await desk.decide(opened, { action: 'approve' });
    const task = await desk.ended(opened.taskId);
    const received = await eventually(
      () => Promise.resolve(receiver.of(opened.taskId)),
      ({ length }) => length === 2,
    );
    expect(received.map(({ event }) => event)).toEqual(['review.opened', 'task.completed']);
    const [review, end] = await Promise.all(received.map(verified));
    expect(review).toMatchObject({ type: 'review.opened', data: { status: 'waiting_for_review', output: null } });
    const { output, cost, completedAt, reasons } = task;
    const about = { reference: 'order 17', metadata: { shop: 4 }, review: { id: opened.reviewId } };
    expect(end).toMatchObject({
      type: 'task.completed',
      data: { outcome: 'approved', output, cost, completedAt, reasons, ...about },
    });
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(2);
  });

  it('that was changed on its way does not verify', async () => {
    const task = await desk.answered(RATE, { callbackUrl: receiver.url });
    await delivery(bank, task.id, ({ state }) => state === 'delivered');
    const [received] = receiver.of(task.id);
    if (!received) throw new Error('nothing was received');
    await expect(verified(received)).resolves.toMatchObject({ data: { outcome: 'answered' } });
    await expect(verified({ ...received, raw: received.raw.replace('answered', 'declined') })).rejects.toThrow(
      /signature/i,
    );
  });

  it('is sent again after an error and after a time-out, under the same id, and the answer is there all the while', async () => {
    receiver.behave(500, 'hangs', 200);
    const task = await desk.answered(RATE, { callbackUrl: receiver.url });
    expect(task).toMatchObject({ status: 'completed', outcome: 'answered', output: { intent: 'exchange_rate' } });
    const { state } = await delivery(bank, task.id, ({ attempts }) => attempts >= 1);
    expect(state).toBe('pending');
    const ended = await delivery(bank, task.id, (one) => one.state === 'delivered');
    expect(ended).toMatchObject({ event: 'task.completed', attempts: 3, lastStatus: 200 });
    const received = receiver.of(task.id);
    expect(received).toHaveLength(3);
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(received.map(({ raw }) => raw)).size).toBe(1);
    await Promise.all(received.map(verified));
  });

  it('whose receiver is gone for good is parked, and not sent again', async () => {
    receiver.behave(410);
    const task = await desk.answered(RATE, { callbackUrl: receiver.url });
    const parked = await delivery(bank, task.id, ({ state }) => state !== 'pending');
    expect(parked).toMatchObject({ state: 'parked', attempts: 1, lastStatus: 410 });
    expect(receiver.of(task.id)).toHaveLength(1);
  });

  it('that nobody takes holds no answer back', async () => {
    receiver.behave(503);
    const task = await desk.answered(RATE, { callbackUrl: receiver.url });
    expect(task).toMatchObject({ status: 'completed', outcome: 'answered', output: { intent: 'exchange_rate' } });
    const failed = await delivery(bank, task.id, ({ attempts }) => attempts >= 2);
    expect(failed).toMatchObject({ state: 'pending', lastStatus: 503 });
    expect(await desk.task(task.id)).toEqual(task);
  });
});

describe('a webhook to a private address', () => {
  it('is refused when the task is posted, and nothing is kept', async () => {
    const bank = await openTestBank({ ...GRANTED, env: { COUNTERSIGN_WEBHOOKS_ALLOW_PRIVATE_ADDRESSES: 'false' } });
    try {
      const desk = await openDesk(bank);
      const named = receiver.url.replace('127.0.0.1', 'localhost');
      for (const callbackUrl of [receiver.url, named, 'http://10.0.0.1/hook', 'http://[::1]/hook']) {
        const json = { type: 'bank-support', input: { message: RATE, customerId: CUSTOMER }, callbackUrl };
        const headers = { 'idempotency-key': unsampledKey(bank) };
        const { status, body } = await ask(bank, 'POST /v1/tasks', { key: desk.caller, json, headers });
        expect([status, body.code]).toEqual([422, 'callback_refused']);
      }
      expect((await ask(bank, 'GET /v1/tasks', { key: desk.caller })).body.items).toEqual([]);
    } finally {
      await bank.close();
    }
  });

  it('is refused when its name leads there by the time it is sent; the answer is there', async () => {
    const webhooks = { timeoutSeconds: 2, outbound: { allowPrivateAddresses: false } };
    const bank = await openTestBank({ ...GRANTED, webhooks });
    try {
      const desk = await openDesk(bank);
      const task = await desk.answered(RATE, { callbackUrl: receiver.url.replace('127.0.0.1', 'localhost') });
      expect(task).toMatchObject({ outcome: 'answered', output: { intent: 'exchange_rate' } });
      const parked = await delivery(bank, task.id, ({ state }) => state !== 'pending');
      expect(parked).toMatchObject({ state: 'parked', lastStatus: null });
      expect(receiver.of(task.id)).toEqual([]);
    } finally {
      await bank.close();
    }
  });
});
