import type { Order, OrderLine, Payment } from '../tasks/refund-decision/contracts';

/** An order as the order system knows it, and how it was paid, as the payment service does. */
export interface Purchase {
  readonly order: Order;
  readonly payment: Payment;
}

export interface PurchaseChange {
  readonly order?: Partial<Order>;
  readonly payment?: Partial<Payment>;
}

/** The day the data are about: they never change, so that a demonstration can be told in advance. */
export const TODAY = '2026-05-20';

export function goods(sku: string, name: string, more: Partial<OrderLine> = {}): OrderLine {
  return { sku, name, kind: 'goods', quantity: 1, unitPaidMinor: 4_000, isSale: false, refundedMinor: 0, ...more };
}

function delivery(unitPaidMinor: number): OrderLine {
  return goods('DELIVERY', 'Delivery', { kind: 'delivery', unitPaidMinor });
}

/**
 * An order of `ord_<key>` by `cus_<key>`, paid with `pay_<key>` and a card: delivered six days ago, a day before it was promised,
 * all of it captured once and nothing refunded.
 */
export function purchase(key: string, lines: readonly OrderLine[], { order, payment }: PurchaseChange = {}): Purchase {
  const refundedMinor = sum(lines.map((line) => line.refundedMinor));
  const capturedMinor = sum(lines.map(({ quantity, unitPaidMinor }) => quantity * unitPaidMinor));
  const paid: Payment = {
    id: `pay_${key}`,
    orderId: `ord_${key}`,
    status: 'captured',
    currency: 'GBP',
    capturedMinor,
    refundedMinor,
    refundableMinor: capturedMinor - refundedMinor,
    method: { kind: 'card', lastFour: '4242' },
    ...payment,
  };
  return {
    order: {
      id: paid.orderId,
      customerId: `cus_${key}`,
      paymentId: paid.id,
      status: 'delivered',
      currency: 'GBP',
      placedOn: '2026-05-08',
      promisedBy: '2026-05-15',
      deliveredOn: '2026-05-14',
      lines: [...lines],
      customerRefundsInLast90Days: 0,
      ...order,
    },
    payment: paid,
  };
}

function sum(minors: readonly number[]): number {
  return minors.reduce((total, minor) => total + minor, 0);
}

const TEA = [
  goods('TEAPOT-BLUE', 'Teapot, blue'),
  goods('MUG-BLUE', 'Mug, blue', { quantity: 2, unitPaidMinor: 1_200 }),
  delivery(495),
];
const UNDER_WAY = { status: 'shipped', deliveredOn: null } as const;

/** What the shop has sold, one order for each thing that the policy can say. */
export const SAMPLE_PURCHASES: readonly Purchase[] = [
  purchase('2001', TEA),
  purchase('2002', [goods('ESPRESSO-9', 'Espresso machine', { unitPaidMinor: 38_900 }), delivery(0)]),
  purchase('2003', [goods('LAMP-DESK', 'Desk lamp', { unitPaidMinor: 5_900 }), delivery(495)], {
    order: { ...UNDER_WAY, promisedBy: '2026-05-12' },
  }),
  purchase('2004', [
    goods('JACKET-RAIN', 'Rain jacket', { unitPaidMinor: 4_500, isSale: true }),
    goods('SCARF-WOOL', 'Wool scarf', { unitPaidMinor: 2_000 }),
  ]),
  purchase('2005', [
    goods('EBOOK-SEA', 'E-book: By the sea', { kind: 'digital', unitPaidMinor: 999 }),
    goods('BOOK-GARDEN', 'Paperback: The garden', { unitPaidMinor: 1_450 }),
  ]),
  purchase('2006', [goods('RUG-80', 'Rug', { unitPaidMinor: 12_000 })], {
    payment: { capturedMinor: 24_000, refundableMinor: 24_000 },
  }),
  purchase('2007', [goods('TOY-TRAIN', 'Wooden train', { unitPaidMinor: 3_500 }), delivery(995)], {
    order: { promisedBy: '2026-05-13', deliveredOn: '2026-05-16' },
  }),
  purchase('2008', [goods('BICYCLE-28', 'Bicycle', { unitPaidMinor: 125_000 })], {
    order: { customerRefundsInLast90Days: 3 },
    payment: { method: { kind: 'wallet', lastFour: '1881' } },
  }),
  purchase('2009', [goods('HEADPHONES-2', 'Headphones', { unitPaidMinor: 8_900, refundedMinor: 3_000 })], {
    order: { currency: 'EUR' },
    payment: { currency: 'EUR' },
  }),
  purchase('2010', TEA, { payment: { status: 'disputed', refundableMinor: 0 } }),
  purchase('2011', [goods('CLOCK-WALL', 'Wall clock', { unitPaidMinor: 2_900 })], {
    order: { ...UNDER_WAY, promisedBy: '2026-05-22' },
  }),
  purchase('2012', [goods('KETTLE-1', 'Kettle', { unitPaidMinor: 3_400 })], {
    order: { placedOn: '2026-02-20', promisedBy: '2026-02-28', deliveredOn: '2026-02-27' },
  }),
];
