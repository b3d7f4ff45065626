import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startFakeSystems } from '../../fakes/bankServer';
import { type FakeServer, sendAnswer, serveFakes } from '../../fakes/bankSystem';
import { type FakeOrders, startFakeOrders } from '../../fakes/orders';
import { TODAY, goods, purchase } from '../../fakes/ordersSample';
import { type FakePayments, startFakePayments } from '../../fakes/payments';
import { EffectDoneOtherwiseError, HttpStatusError } from '../../tasks/define';
import { orders as ordersIntegration, payments as paymentsIntegration } from '../../tasks/refund-decision/integrations';
import { refundPayment } from '../../tasks/refund-decision/refundPayment';

const input = {
  orderId: 'ord_2001',
  customerId: 'cus_2001',
  paymentId: 'pay_2001',
  message: 'The teapot is broken',
  receivedOn: TODAY,
  refundsInLast90Days: 0,
};

let orders: FakeOrders;
let payments: FakePayments;
beforeEach(async () => {
  [orders, payments] = await Promise.all([startFakeOrders(), startFakePayments()]);
});
afterEach(async () => {
  await Promise.all([orders.close(), payments.close()]);
});

function environment(timeoutMs = 5_000) {
  return { baseUrls: { orders: orders.url, payments: payments.url }, signal: AbortSignal.timeout(timeoutMs) };
}

const readPayment = () => paymentsIntegration.fetch(input, environment());

function refund(key: string, { timeoutMs = 5_000, ...change }: { timeoutMs?: number; [name: string]: unknown } = {}) {
  const asked = { paymentId: 'pay_2001', amountMinor: 4_000, currency: 'GBP', refundTo: 'card …4242' };
  const request = { name: 'refund_payment', arguments: { ...asked, reference: 'ord_2001', ...change } as never };
  return refundPayment.perform(request, { ...environment(timeoutMs), idempotencyKey: key });
}

describe('the integrations of refund-decision', () => {
  test('give what their contracts say', async () => {
    const order = await ordersIntegration.fetch(input, environment());
    expect(ordersIntegration.contract.parse(order)).toEqual(order);
    const payment = await readPayment();
    expect(paymentsIntegration.contract.parse(payment)).toEqual(payment);
  });

  test('tell of an order or a payment that nobody knows by the status', async () => {
    const unknown = { ...input, orderId: 'ord_9999', paymentId: 'pay_9999' };
    await expect(ordersIntegration.fetch(unknown, environment())).rejects.toMatchObject({ status: 404 });
    await expect(paymentsIntegration.fetch(unknown, environment())).rejects.toMatchObject({ status: 404 });
  });

  test('hand on an answer that breaks the contract, and the contract refuses it', async () => {
    orders.behave({ kind: 'breaks_contract' });
    payments.behave({ kind: 'breaks_contract' });
    const answers = [await ordersIntegration.fetch(input, environment()), await readPayment()];
    expect(ordersIntegration.contract.safeParse(answers[0]).success).toBe(false);
    expect(paymentsIntegration.contract.safeParse(answers[1]).success).toBe(false);
  });

  test('see what has happened behind our back', async () => {
    orders.change('ord_2001', { status: 'cancelled' });
    expect(await ordersIntegration.fetch(input, environment())).toMatchObject({ status: 'cancelled' });
    payments.befall('pay_2001', { kind: 'refunded_elsewhere', amountMinor: 895 });
    expect(await readPayment()).toMatchObject({ status: 'captured', refundedMinor: 895, refundableMinor: 6_000 });
    payments.befall('pay_2001', { kind: 'charged_back' });
    expect(await readPayment()).toMatchObject({ status: 'charged_back', refundableMinor: 0 });
    expect(() => payments.befall('pay_9999', { kind: 'disputed' })).toThrow(RangeError);
    expect(() => orders.change('ord_9999', {})).toThrow(RangeError);
  });
});

describe('the effect refund_payment', () => {
  test('moves the money once for each key, and the payment has less left', async () => {
    expect(await refund('tsk_1:refund_payment')).toBe('done');
    expect(await refund('tsk_1:refund_payment')).toBe('done_before');
    expect(payments.refunds).toEqual([
      {
        id: 're_1',
        paymentId: 'pay_2001',
        amountMinor: 4_000,
        currency: 'GBP',
        reference: 'ord_2001',
        idempotencyKey: 'tsk_1:refund_payment',
      },
    ]);
    expect(await readPayment()).toMatchObject({ refundedMinor: 4_000, refundableMinor: 2_895 });
  });

  test('moves it once when the same key comes many times at once', async () => {
    const results = await Promise.all(Array.from({ length: 20 }, () => refund('tsk_2:refund_payment')));
    expect(results.filter((result) => result === 'done')).toHaveLength(1);
    expect(payments.refunds).toHaveLength(1);
  });

  test('marks a payment that is refunded in full', async () => {
    await refund('tsk_3:refund_payment', { amountMinor: 6_895 });
    expect(await readPayment()).toMatchObject({ status: 'refunded', refundableMinor: 0 });
  });

  test.each<[string, 'hangs_after_doing' | 'resets_after_doing']>([
    ['does not answer', 'hangs_after_doing'],
    ['breaks off', 'resets_after_doing'],
  ])('is found done before by the same key where the service does it and %s', async (_, kind) => {
    payments.behave({ kind }, 1);
    await expect(refund('tsk_4:refund_payment', { timeoutMs: 300 })).rejects.toThrow();
    expect(await refund('tsk_4:refund_payment')).toBe('done_before');
    expect(payments.refunds).toHaveLength(1);
  });

  test('does nothing where the service is down or busy, and says for how long', async () => {
    payments.behave({ kind: 'down' }, 1);
    await expect(refund('tsk_5:refund_payment')).rejects.toMatchObject({ status: 503, retryAfterSeconds: 1 });
    payments.behave({ kind: 'busy', retryAfterSeconds: 7 }, 1);
    const error: unknown = await refund('tsk_5:refund_payment').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(HttpStatusError);
    expect(error).toMatchObject({ status: 429, retryAfterSeconds: 7 });
    expect(payments.refunds).toEqual([]);
    expect(await refund('tsk_5:refund_payment')).toBe('done');
  });

  test.each<[string, object, number]>([
    ['more than was paid', { amountMinor: 6_896 }, 409],
    ['another currency', { currency: 'EUR' }, 409],
    ['no amount', { amountMinor: 0 }, 422],
    ['a payment that nobody knows', { paymentId: 'pay_9999' }, 404],
  ])('is refused for %s', async (_, change, status) => {
    await expect(refund('tsk_6:refund_payment', { ...change })).rejects.toMatchObject({ status });
    expect(payments.refunds).toEqual([]);
  });

  test('is refused for more than is left, whatever the key', async () => {
    await refund('tsk_7:refund_payment');
    await expect(refund('tsk_8:refund_payment')).rejects.toMatchObject({ status: 409 });
    expect(payments.refunds).toHaveLength(1);
  });

  test.each(['disputed', 'charged_back'] as const)('is refused for a payment that is %s', async (kind) => {
    payments.befall('pay_2001', { kind });
    await expect(refund('tsk_9:refund_payment')).rejects.toMatchObject({ status: 409 });
  });

  test('is refused for another amount under the same key, and the first one stands', async () => {
    await refund('tsk_10:refund_payment');
    await expect(refund('tsk_10:refund_payment', { amountMinor: 1 })).rejects.toMatchObject({ status: 422 });
    expect(payments.refunds.map(({ amountMinor }) => amountMinor)).toEqual([4_000]);
  });

  test('is taken for no other one, also where the payment service replays whatever was made under the key', async () => {
    const made = { id: 're_1', paymentId: 'pay_2001', amountMinor: 4_000, currency: 'GBP', reference: 'ord_2001' };
    const careless = await serveFakes(0, ({ idempotencyKey }, response) =>
      sendAnswer(response, {
        status: 200,
        body: { ...made, idempotencyKey },
        headers: { 'idempotent-replayed': 'true' },
      }),
    );
    const ask = (change: object) =>
      refundPayment.perform(
        { name: 'refund_payment', arguments: { ...made, ...change } },
        { baseUrls: { payments: careless.url }, signal: AbortSignal.timeout(5_000), idempotencyKey: 'tsk_12' },
      );
    try {
      expect(await ask({})).toBe('done_before');
      await expect(ask({ amountMinor: 2_000 })).rejects.toThrow(EffectDoneOtherwiseError);
      await expect(ask({ currency: 'EUR' })).rejects.toThrow(EffectDoneOtherwiseError);
    } finally {
      await careless.close();
    }
  });

  test('is known to be done by its key, before and after', async () => {
    const wasDone = (idempotencyKey: string, amountMinor = 4_000) =>
      refundPayment.wasDone?.(
        { name: 'refund_payment', arguments: { paymentId: 'pay_2001', amountMinor, currency: 'GBP' } },
        { ...environment(), idempotencyKey },
      );
    expect(await wasDone('tsk_1:refund_payment')).toBe(false);
    await refund('tsk_1:refund_payment');
    expect(await wasDone('tsk_1:refund_payment')).toBe(true);
    expect(await wasDone('tsk_2:refund_payment')).toBe(false);
    await expect(wasDone('tsk_1:refund_payment', 2_000)).rejects.toThrow(EffectDoneOtherwiseError);
    payments.behave({ kind: 'breaks_contract' });
    await expect(wasDone('tsk_1:refund_payment')).rejects.toThrow();
  });

  test('takes an answer that is no refund for a failure', async () => {
    payments.behave({ kind: 'breaks_contract' });
    await expect(refund('tsk_11:refund_payment')).rejects.toThrow();
  });
});

test('the refunds of a payment can be seen, and the one that was made under a key', async () => {
  await refund('tsk_1:refund_payment', { amountMinor: 100 });
  await refund('tsk_2:refund_payment', { amountMinor: 200 });
  const amounts = async (query: string) => {
    const answer = await fetch(`${payments.url}/payments/pay_2001/refunds${query}`);
    const { refunds } = (await answer.json()) as { refunds: { amountMinor: number }[] };
    return refunds.map(({ amountMinor }) => amountMinor);
  };
  expect(await amounts('')).toEqual([100, 200]);
  expect(await amounts('?key=tsk_2:refund_payment')).toEqual([200]);
  expect(await amounts('?key=tsk_3:refund_payment')).toEqual([]);
});

test.each([
  ['POST', '/payments/pay_2001/refunds', '{}', 400],
  ['POST', '/payments/pay_2001/refunds', '{not json', 422],
  ['POST', '/payments/pay_9999/refunds', '{}', 404],
  ['DELETE', '/payments/pay_2001', '', 405],
])('the payment service answers %s %s with the body "%s" by %i', async (method, path, body, status) => {
  const headers: Record<string, string> = status === 400 ? {} : { 'idempotency-key': 'k' };
  const response = await fetch(`${payments.url}${path}`, { method, headers, ...(body && { body }) });
  expect(response.status).toBe(status);
});

test.each([
  ['GET', '/somewhere', 404],
  ['DELETE', '/orders/ord_2001', 405],
])('the order system answers %s %s by %i', async (method, path, status) => {
  expect((await fetch(`${orders.url}${path}`, { method })).status).toBe(status);
});

describe('all systems at one address', () => {
  let all: FakeServer;
  beforeEach(async () => {
    all = await startFakeSystems();
  });
  afterEach(() => all.close());

  const post = (path: string, body: unknown) =>
    fetch(`${all.url}${path}`, { method: 'POST', body: JSON.stringify(body), headers: { 'idempotency-key': 'k' } });
  const read = async (path: string) => (await fetch(`${all.url}${path}`)).json();

  test('the shop is reached beside bank and CRM', async () => {
    const there = { baseUrls: { orders: all.url, payments: all.url }, signal: AbortSignal.timeout(5_000) };
    expect(ordersIntegration.contract.safeParse(await ordersIntegration.fetch(input, there)).success).toBe(true);
    const asked = { amountMinor: 4_000, currency: 'GBP', reference: 'ord_2001' };
    expect((await post('/payments/pay_2001/refunds', asked)).status).toBe(201);
    expect(await read('/payments/pay_2001')).toMatchObject({ refundedMinor: 4_000 });
  });

  test('what befalls the shop is told over HTTP', async () => {
    const { order, payment } = purchase('7001', [goods('BOWL', 'Bowl')]);
    expect((await post('/_fake/happen', { kind: 'bought', order, payment })).status).toBe(200);
    expect(await read('/orders/ord_7001')).toEqual(order);
    await post('/_fake/happen', { kind: 'order_changed', orderId: 'ord_7001', change: { status: 'cancelled' } });
    expect(await read('/orders/ord_7001')).toEqual({ ...order, status: 'cancelled' });
    await post('/_fake/happen', { kind: 'refunded_elsewhere', paymentId: 'pay_7001', amountMinor: 4_000 });
    expect(await read('/payments/pay_7001')).toMatchObject({ status: 'refunded' });
    await post('/_fake/happen', { kind: 'disputed', paymentId: 'pay_7001' });
    expect(await read('/payments/pay_7001')).toMatchObject({ status: 'disputed' });
  });

  test.each([{ kind: 'bankrupt' }, { kind: 'disputed', paymentId: 'pay_9999' }, 'nothing'])(
    'what can not happen is refused: %j',
    async (body) => {
      expect((await post('/_fake/happen', body)).status).toBe(422);
    },
  );

  test('the payment service misbehaves as it is told over HTTP', async () => {
    await post('/_fake/behave', { system: 'payments', kind: 'busy', times: 1 });
    expect((await fetch(`${all.url}/payments/pay_2001`)).status).toBe(429);
    expect((await fetch(`${all.url}/payments/pay_2001`)).status).toBe(200);
  });
});
