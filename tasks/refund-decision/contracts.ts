import { z } from 'zod';

const opaque = (prefix: string) =>
  z
    .string()
    .regex(new RegExp(`^${prefix}_[0-9a-z]{4,40}$`), `must be ${prefix}_ and 4 to 40 lower-case letters and digits`);

/** Opaque, so that they can stand in a path. */
export const OrderId = opaque('ord');
export const CustomerId = opaque('cus');
export const PaymentId = opaque('pay');
export const Sku = z.string().regex(/^[A-Z0-9][A-Z0-9-]{1,39}$/, 'must be 2 to 40 capitals, digits and hyphens');

/** What the shop sells in. All of them have two decimals. */
export const CURRENCIES = ['GBP', 'EUR', 'USD'] as const;
export const Currency = z.enum(CURRENCIES);
export type Currency = z.infer<typeof Currency>;

/** Whole minor units (pence, cents) of the order's currency. */
export const Minor = z.int().min(0).max(100_000_000);
const Day = z.iso.date();

export const OrderLine = z.object({
  sku: Sku,
  name: z.string().min(1).max(120),
  kind: z.enum(['goods', 'digital', 'delivery']),
  quantity: z.int().min(1).max(999),
  /** What was paid for one of it, after discounts. */
  unitPaidMinor: Minor,
  isSale: z.boolean(),
  /** Of the whole line, before this. */
  refundedMinor: Minor,
});
export type OrderLine = z.infer<typeof OrderLine>;

/** `GET /orders/{id}` of the order system. */
export const Order = z.object({
  id: OrderId,
  customerId: CustomerId,
  paymentId: PaymentId,
  status: z.enum(['placed', 'shipped', 'delivered', 'cancelled']),
  currency: Currency,
  placedOn: Day,
  promisedBy: Day,
  deliveredOn: Day.nullable(),
  lines: z.array(OrderLine).min(1).max(100),
  /** How many refunds the customer has had, of all orders. */
  customerRefundsInLast90Days: z.int().min(0),
});
export type Order = z.infer<typeof Order>;

const Method = z.object({
  kind: z.enum(['card', 'wallet']),
  lastFour: z.string().regex(/^\d{4}$/, 'must be four digits'),
});

/** What the payment service is asked for, with an `Idempotency-Key`. */
export const RefundRequest = z.strictObject({
  amountMinor: z.int().min(1).max(100_000_000),
  currency: Currency,
  reference: z.string().min(1).max(80),
});
export type RefundRequest = z.infer<typeof RefundRequest>;

/** 201 where it is new; 200 with the first one and `Idempotent-Replayed: true` where the key was used before. */
export const Refund = z.object({
  id: z.string().min(1),
  paymentId: PaymentId,
  ...RefundRequest.shape,
  /** Null where it was not asked for over this interface. */
  idempotencyKey: z.string().min(1).nullable(),
});
export type Refund = z.infer<typeof Refund>;

/** `GET /payments/{id}/refunds`, oldest first; with `?key=` those that were made under the key. */
export const RefundsAnswer = z.object({ refunds: z.array(Refund).max(1_000) });

/** `GET /payments/{id}` of the payment service. */
export const Payment = z.object({
  id: PaymentId,
  orderId: OrderId,
  status: z.enum(['captured', 'refunded', 'disputed', 'charged_back']),
  currency: Currency,
  capturedMinor: Minor,
  refundedMinor: Minor,
  /** What can still be refunded; 0 where the customer's bank has the matter. */
  refundableMinor: Minor,
  method: Method,
});
export type Payment = z.infer<typeof Payment>;
