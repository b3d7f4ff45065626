import type { Effect } from '../define';
import { throwUnlessOk, urlOf } from '../otherSystem';
import { Currency, Refund } from './contracts';
import { money } from './facts';
import { PAYMENTS } from './integrations';
import type { RefundDecisionInput, RefundDecisionOutput } from './schemas';

/** A payment service that has done it but doesn't answer is asked again, under the same key. */
const TIMEOUT_MS = 10_000;

/** Moves the money back. The payment service makes one refund for each idempotency key, however often it is asked. */
export const refundPayment: Effect<RefundDecisionInput, RefundDecisionOutput> = {
  name: 'refund_payment',
  describe: ({ arguments: { amountMinor, currency, refundTo } }) =>
    `refunds ${money(Number(amountMinor), Currency.parse(currency))} to ${String(refundTo)}`,
  request: ({ paymentId, orderId }, { totalMinor, currency, refundTo }) =>
    totalMinor === 0 ? null : { paymentId, amountMinor: totalMinor, currency, refundTo, reference: orderId },
  perform: async ({ arguments: { paymentId, amountMinor, currency, reference } }, environment) => {
    const url = urlOf(environment, PAYMENTS, `payments/${encodeURIComponent(String(paymentId))}/refunds`);
    const response = await fetch(url, {
      method: 'POST',
      signal: AbortSignal.any([environment.signal, AbortSignal.timeout(TIMEOUT_MS)]),
      headers: { 'content-type': 'application/json', 'idempotency-key': environment.idempotencyKey },
      body: JSON.stringify({ amountMinor, currency, reference }),
    });
    await throwUnlessOk(response);
    Refund.parse(await response.json());
    return response.headers.get('idempotent-replayed') === 'true' ? 'done_before' : 'done';
  },
};
