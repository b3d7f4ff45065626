import { randomBytes } from 'node:crypto';
import { type Purchase, type PurchaseChange, TODAY, goods, purchase } from '../../fakes/ordersSample';
import type { OrderLine } from '../../tasks/refund-decision/contracts';
import type { RefundDecisionInput } from '../../tasks/refund-decision/schemas';
import type { TestBank } from './bank';

export interface Sale extends PurchaseChange {
  /** What the one line of the order costs; default £40.00. */
  readonly amountMinor?: number;
  /** In place of one teapot. */
  readonly lines?: readonly OrderLine[];
}

/** An order of its own, so that no other test refunds it, and how it was paid. */
export function sell({ orders, payments }: Pick<TestBank, 'orders' | 'payments'>, sale: Sale = {}): Purchase {
  const { amountMinor = 4_000, lines = [goods('TEAPOT-BLUE', 'Teapot, blue', { unitPaidMinor: amountMinor })] } = sale;
  const sold = purchase(randomBytes(8).toString('hex'), lines, sale);
  orders.put(sold.order);
  payments.put(sold.payment);
  return sold;
}

/** Type and input of a task about a purchase, for `desk.post` and its like. */
export function refundTask({ order, payment }: Purchase, change: Partial<RefundDecisionInput> = {}) {
  const input: RefundDecisionInput = {
    orderId: order.id,
    customerId: order.customerId,
    paymentId: payment.id,
    message: 'The teapot is broken, I would like a refund please.',
    receivedOn: TODAY,
    refundsInLast90Days: order.customerRefundsInLast90Days,
    ...change,
  };
  return { type: 'refund-decision', input, subject: order.customerId };
}
