import type { Effect, IntegrationEnvironment } from '../define';
import { getJson, throwUnlessOk, urlOf } from '../otherSystem';
import { Currency, Refund, RefundsAnswer } from './contracts';
import { money } from './facts';
import { PAYMENTS } from './integrations';
import type { RefundDecisionInput, RefundDecisionOutput } from './schemas';

/** A payment service that has done it but doesn't answer is asked again, under the same key. */
const TIMEOUT_MS = 10_000;

/** Moves the money back. The payment service makes one refund for each idempotency key, however often it is asked. */
export const refundPayment: Effect<RefundDecisionInput, RefundDecisionOutput> = {
  name: 'refund_payment',
  describe: ({ arguments: { amountMinor, currency, refundTo } }) =>
    `Refunds ${money(Number(amountMinor), Currency.parse(currency))} to ${String(refundTo)}.`,
  request: ({ paymentId, orderId }, { totalMinor, currency, refundTo }) =>
    totalMinor === 0 ? null : { paymentId, amountMinor: totalMinor, currency, refundTo, reference: orderId },
  perform: async ({ arguments: { paymentId, amountMinor, currency, reference } }, environment) => {
    const response = await fetch(refundsUrl(environment, paymentId), {
      method: 'POST',
      signal: inTime(environment),
      headers: { 'content-type': 'application/json', 'idempotency-key': environment.idempotencyKey },
      body: JSON.stringify({ amountMinor, currency, reference }),
    });
    await throwUnlessOk(response);
    Refund.parse(await response.json());
    return response.headers.get('idempotent-replayed') === 'true' ? 'done_before' : 'done';
  },
  wasDone: async ({ arguments: { paymentId } }, environment) => {
    const url = `${refundsUrl(environment, paymentId)}?key=${encodeURIComponent(environment.idempotencyKey)}`;
    const { refunds } = RefundsAnswer.parse(await getJson(url, { signal: inTime(environment) }));
    return refunds.some((refund) => refund.idempotencyKey === environment.idempotencyKey);
  },
};

function refundsUrl(environment: IntegrationEnvironment, paymentId: unknown): string {
  return urlOf(environment, PAYMENTS, `payments/${encodeURIComponent(String(paymentId))}/refunds`);
}

function inTime({ signal }: IntegrationEnvironment): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
}
