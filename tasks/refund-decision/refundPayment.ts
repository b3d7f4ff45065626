import type { EffectRequest } from '../../contracts/digest';
import { type Effect, EffectDoneOtherwiseError, type IntegrationEnvironment } from '../define';
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
  perform: async (request, environment) => {
    const { paymentId, amountMinor, currency, reference } = request.arguments;
    const response = await fetch(refundsUrl(environment, paymentId), {
      method: 'POST',
      signal: inTime(environment),
      headers: { 'content-type': 'application/json', 'idempotency-key': environment.idempotencyKey },
      body: JSON.stringify({ amountMinor, currency, reference }),
    });
    await throwUnlessOk(response);
    requireSame(Refund.parse(await response.json()), request);
    return response.headers.get('idempotent-replayed') === 'true' ? 'done_before' : 'done';
  },
  wasDone: async (request, environment) => {
    const url = `${refundsUrl(environment, request.arguments['paymentId'])}?key=${encodeURIComponent(environment.idempotencyKey)}`;
    const { refunds } = RefundsAnswer.parse(await getJson(url, { signal: inTime(environment) }));
    const made = refunds.find((refund) => refund.idempotencyKey === environment.idempotencyKey);
    if (made) requireSame(made, request);
    return made !== undefined;
  },
};

/** A key that was used for another draft of the task gives back what was refunded for that. */
function requireSame(made: Refund, { arguments: asked }: EffectRequest): void {
  if (made.amountMinor !== asked['amountMinor'] || made.currency !== asked['currency'])
    throw new EffectDoneOtherwiseError();
}

function refundsUrl(environment: IntegrationEnvironment, paymentId: unknown): string {
  return urlOf(environment, PAYMENTS, `payments/${encodeURIComponent(String(paymentId))}/refunds`);
}

function inTime({ signal }: IntegrationEnvironment): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
}
