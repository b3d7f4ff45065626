import type { DraftMaterial } from '../define';
import { type Currency, Order, Payment } from './contracts';
import { ORDERS, PAYMENTS } from './integrations';
import type { PolicyFacts } from './policy';
import type { RefundDecisionInput } from './schemas';

/** What the policy is asked about; null where the order or the payment could not be had. */
export function factsOf({
  input: { receivedOn },
  context,
}: Pick<DraftMaterial<RefundDecisionInput>, 'input' | 'context'>): PolicyFacts | null {
  const order = Order.safeParse(context[ORDERS]);
  const payment = Payment.safeParse(context[PAYMENTS]);
  return order.success && payment.success ? { order: order.data, payment: payment.data, receivedOn } : null;
}

/** `card …4242` */
export function methodLabel({ kind, lastFour }: Payment['method']): string {
  return `${kind} …${lastFour}`;
}

/** `£1,234.50`. All currencies of the shop have two decimals. */
export function money(minor: number, currency: Currency): string {
  return (minor / 100).toLocaleString('en-GB', { style: 'currency', currency });
}
