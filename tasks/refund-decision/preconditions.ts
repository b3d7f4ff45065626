import type { JsonValue } from '../../contracts/digest';
import type { Precondition } from '../define';
import { Order, Payment } from './contracts';
import { methodLabel } from './facts';
import { ORDERS, PAYMENTS } from './integrations';
import type { RefundDecisionInput, RefundDecisionOutput } from './schemas';

type RefundPrecondition = Precondition<RefundDecisionInput, RefundDecisionOutput>;
type Facts = Readonly<Record<string, JsonValue>>;

const UNKNOWN = 'unknown';

const paymentOf = (facts: Facts): Payment | null => Payment.safeParse(facts[PAYMENTS]).data ?? null;
const orderOf = (facts: Facts): Order | null => Order.safeParse(facts[ORDERS]).data ?? null;

/** A payment that the customer's bank has taken back, or takes back, must not be refunded as well. */
const paymentOpen: RefundPrecondition = {
  name: 'payment_open',
  integrations: [PAYMENTS],
  check: ({ output, then, now }) => {
    const payment = paymentOf(now);
    const isSameMethod = payment !== null && methodLabel(payment.method) === output.refundTo;
    const isSameCurrency = payment?.currency === output.currency;
    const holds = output.totalMinor === 0 || (payment?.status === 'captured' && isSameMethod && isSameCurrency);
    const was = paymentOf(then)?.status ?? UNKNOWN;
    return { holds, evidence: { was, is: payment?.status ?? UNKNOWN, isSameMethod, isSameCurrency } };
  },
};

/** What was refunded by another way meanwhile is no longer there to be refunded. */
const notRefundedMeanwhile: RefundPrecondition = {
  name: 'order_not_refunded_meanwhile',
  integrations: [PAYMENTS],
  check: ({ output: { totalMinor }, then, now }) => {
    const refundableMinor = paymentOf(now)?.refundableMinor ?? null;
    const refundableMinorThen = paymentOf(then)?.refundableMinor ?? null;
    const holds = totalMinor === 0 || (refundableMinor !== null && refundableMinor >= totalMinor);
    return { holds, evidence: { totalMinor, refundableMinorThen, refundableMinor } };
  },
};

/** Status, delivery and prices are what the policy was asked about. Positions are those of the order's lines, from 0. */
const orderUnchanged: RefundPrecondition = {
  name: 'order_unchanged',
  integrations: [ORDERS],
  check: ({ then, now }) => {
    const [before, after] = [orderOf(then), orderOf(now)];
    if (!before || !after) {
      return { holds: false, evidence: { was: before?.status ?? UNKNOWN, is: after?.status ?? UNKNOWN } };
    }
    const count = Math.max(before.lines.length, after.lines.length);
    const changedLines = Array.from({ length: count }, (_, index) => index).filter(
      (index) => JSON.stringify(before.lines[index]) !== JSON.stringify(after.lines[index]),
    );
    const isSameDelivery = before.deliveredOn === after.deliveredOn && before.promisedBy === after.promisedBy;
    const holds =
      before.status === after.status &&
      before.paymentId === after.paymentId &&
      isSameDelivery &&
      changedLines.length === 0;
    return { holds, evidence: { was: before.status, is: after.status, isSameDelivery, changedLines } };
  },
};

/** What the approval rested on, asked again right before the money moves. */
export const refundPreconditions: readonly RefundPrecondition[] = [paymentOpen, notRefundedMeanwhile, orderUnchanged];
