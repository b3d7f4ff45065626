import type { RefundReason } from './classes';
import type { Order, OrderLine, Payment } from './contracts';
import { POLICY_RULES, POLICY_RULE_IDS, type PolicyRuleId } from './policyRules';

const RETURN_DAYS = 14;
const NOT_AS_ORDERED_DAYS = 30;
const DAYS_OF_PATIENCE = 3;
const DAY_MS = 86_400_000;

/** Stands for what was captured beyond the total of the order. */
export const EXTRA_CHARGE = 'EXTRA-CHARGE';

/** What the policy is asked about: the facts of one order. `receivedOn` is the day on which the customer wrote. */
export interface PolicyFacts {
  readonly order: Order;
  readonly payment: Payment;
  readonly receivedOn: string;
}

/** A line that money could be refunded for: one of the order, or what was charged beyond it. */
export interface RefundableLine extends Omit<OrderLine, 'kind' | 'refundedMinor'> {
  readonly kind: OrderLine['kind'] | 'extra_charge';
  /** What was paid for it, less what was refunded before. */
  readonly restMinor: number;
}

export function refundableLines({ order, payment }: Pick<PolicyFacts, 'order' | 'payment'>): readonly RefundableLine[] {
  const lines = order.lines.map(({ refundedMinor, ...line }) => ({
    ...line,
    restMinor: Math.max(0, line.quantity * line.unitPaidMinor - refundedMinor),
  }));
  const extraMinor = payment.capturedMinor - orderTotalMinor(order);
  if (extraMinor <= 0) return lines;
  const restMinor = Math.min(extraMinor, payment.refundableMinor);
  const extra = { kind: 'extra_charge', quantity: 1, unitPaidMinor: extraMinor, isSale: false, restMinor } as const;
  return [...lines, { ...extra, sku: EXTRA_CHARGE, name: 'Charged beyond the order' }];
}

export function orderTotalMinor({ lines }: Order): number {
  return lines.reduce((sum, { quantity, unitPaidMinor }) => sum + quantity * unitPaidMinor, 0);
}

/** The rule that decides about a line which is claimed for a reason; null where the policy says nothing, and a person has to. */
export function ruleFor(
  claim: { readonly line: RefundableLine; readonly reason: RefundReason },
  facts: PolicyFacts,
): PolicyRuleId | null {
  return (
    POLICY_RULE_IDS.find((id) => POLICY_RULES[id].reasons.includes(claim.reason) && APPLIES[id](claim.line, facts)) ??
    null
  );
}

export function isGranting(id: PolicyRuleId): boolean {
  return POLICY_RULES[id].effect === 'grants';
}

/** When each rule applies to a line that is claimed for one of its reasons. */
const APPLIES: Readonly<Record<PolicyRuleId, (line: RefundableLine, facts: PolicyFacts) => boolean>> = {
  with_the_bank: (_, { payment }) => payment.status === 'disputed' || payment.status === 'charged_back',
  nothing_left: (line, { payment }) =>
    payment.refundableMinor === 0 || (line.restMinor === 0 && line.unitPaidMinor > 0),
  double_charge: (line) => line.kind === 'extra_charge',
  charged_once: (line) => line.kind !== 'extra_charge',
  digital_goods: (line) => line.kind === 'digital',
  not_as_ordered: (line, { order, receivedOn }) =>
    line.kind === 'goods' && isWithin(NOT_AS_ORDERED_DAYS, order.deliveredOn, receivedOn),
  not_arrived: (line, { order, receivedOn }) =>
    line.restMinor > 0 &&
    (order.status === 'cancelled' || (isUnderWay(order) && daysFrom(order.promisedBy, receivedOn) > DAYS_OF_PATIENCE)),
  not_yet_due: (_, { order, receivedOn }) =>
    isUnderWay(order) && daysFrom(order.promisedBy, receivedOn) <= DAYS_OF_PATIENCE,
  late_delivery: (line, facts) => line.kind === 'delivery' && line.restMinor > 0 && isLate(facts),
  on_time: (line, facts) => !isLate(facts) || line.unitPaidMinor === 0,
  sale_items: (line) => line.isSale,
  return_window: (line, { order, receivedOn }) =>
    line.kind === 'goods' && isWithin(RETURN_DAYS, order.deliveredOn, receivedOn),
  window_over: (line, { order }) => line.kind === 'goods' && order.deliveredOn !== null,
  goodwill: () => false,
};

function isUnderWay({ status, deliveredOn }: Order): boolean {
  return deliveredOn === null && (status === 'placed' || status === 'shipped');
}

function isLate({ order, receivedOn }: PolicyFacts): boolean {
  return daysFrom(order.promisedBy, order.deliveredOn ?? receivedOn) > 0;
}

/** Before its delivery nothing can be damaged or sent back. */
function isWithin(days: number, deliveredOn: string | null, receivedOn: string): boolean {
  if (deliveredOn === null) return false;
  const since = daysFrom(deliveredOn, receivedOn);
  return since >= 0 && since <= days;
}

function daysFrom(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS);
}
