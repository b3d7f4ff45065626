import type { Integration } from '../define';
import { getJson, urlOf } from '../otherSystem';
import { Order, Payment } from './contracts';
import type { RefundDecisionInput } from './schemas';

export const ORDERS = 'orders';
export const PAYMENTS = 'payments';

/** What was bought, at what price, and when it came. */
export const orders: Integration<RefundDecisionInput> = {
  name: ORDERS,
  isRequired: true,
  timeoutSeconds: 3,
  maxAttempts: 3,
  freshSeconds: 300,
  contract: Order,
  fetch: ({ orderId }, environment) => getJson(urlOf(environment, ORDERS, `orders/${orderId}`), environment),
};

/** What was paid, how, and what of it can still be refunded. */
export const payments: Integration<RefundDecisionInput> = {
  name: PAYMENTS,
  isRequired: true,
  timeoutSeconds: 3,
  maxAttempts: 3,
  freshSeconds: 60,
  contract: Payment,
  fetch: ({ paymentId }, environment) => getJson(urlOf(environment, PAYMENTS, `payments/${paymentId}`), environment),
};
