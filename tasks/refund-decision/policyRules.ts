import type { RefundReason } from './classes';

/** In the order in which they are looked at: the first that applies to a line decides about it. */
export const POLICY_RULE_IDS = [
  'with_the_bank',
  'nothing_left',
  'double_charge',
  'charged_once',
  'digital_goods',
  'not_as_ordered',
  'not_arrived',
  'not_yet_due',
  'late_delivery',
  'on_time',
  'sale_items',
  'return_window',
  'window_over',
  'goodwill',
] as const;
export type PolicyRuleId = (typeof POLICY_RULE_IDS)[number];

export interface PolicyRule {
  readonly effect: 'grants' | 'refuses';
  /** Of a line, that it can decide about. */
  readonly reasons: readonly RefundReason[];
  /** The rule as the shop has approved it, for models and for people. */
  readonly rule: string;
  /** What a customer is told of it. */
  readonly told: string;
}

const EVERY_CLAIM = [
  'damaged',
  'wrong_item',
  'missing_item',
  'not_arrived',
  'late_delivery',
  'change_of_mind',
] as const;
const NOT_AS_ORDERED = ['damaged', 'wrong_item', 'missing_item'] as const;

/** What the shop has approved. When each of them applies is in policy.ts. */
export const POLICY_RULES: Readonly<Record<PolicyRuleId, PolicyRule>> = {
  with_the_bank: {
    effect: 'refuses',
    reasons: [...EVERY_CLAIM, 'double_charge'],
    rule: 'A payment that is disputed or charged back is not refunded: the bank of the customer decides.',
    told: 'Your bank is looking into this payment at the moment. While it does we must not refund it, since you would be paid twice; your bank tells you what it decides.',
  },
  nothing_left: {
    effect: 'refuses',
    reasons: [...EVERY_CLAIM, 'double_charge'],
    rule: 'What was refunded before is not refunded again.',
    told: 'We can see that this has been refunded before. If it has not reached you, please ask your bank first.',
  },
  double_charge: {
    effect: 'grants',
    reasons: ['double_charge'],
    rule: 'What was charged beyond the total of the order is refunded in full, at any time.',
    told: 'We are sorry that you were charged too much. You get back what was taken beyond the total of your order.',
  },
  charged_once: {
    effect: 'refuses',
    reasons: ['double_charge'],
    rule: 'Where no more was captured than the total of the order, nothing is refunded: a second entry is a reservation.',
    told: 'We have looked at your payment: it was taken once. A second entry is a reservation, which your bank releases within seven working days.',
  },
  digital_goods: {
    effect: 'refuses',
    reasons: [...EVERY_CLAIM],
    rule: 'Digital goods are not refunded once they have been made available.',
    told: 'Digital goods can not be returned once they have been made available, as you agreed when you bought them.',
  },
  not_as_ordered: {
    effect: 'grants',
    reasons: [...NOT_AS_ORDERED],
    rule: 'Goods that came damaged or do not work, the wrong item and missing items are refunded at the price paid, when we are told within 30 days of delivery.',
    told: 'We are sorry that what you received is not what you ordered. Please keep it for seven days in case our carrier asks for it; you need not send it back.',
  },
  not_arrived: {
    effect: 'grants',
    reasons: ['not_arrived'],
    rule: 'An order that has not been delivered 3 days after the promised date, or was cancelled, is refunded with its delivery.',
    told: 'We are sorry that your order has not reached you. We have stopped waiting for the carrier and refund it; should the parcel still come, please tell us.',
  },
  not_yet_due: {
    effect: 'refuses',
    reasons: ['not_arrived'],
    rule: 'Until 3 days after the promised date, an order that is under way is not refunded.',
    told: 'Your order is still on its way. Please give the carrier until three days after the promised date; if it has not come by then, write to us again and we refund it.',
  },
  late_delivery: {
    effect: 'grants',
    reasons: ['late_delivery'],
    rule: 'Where an order comes after the promised date, the fee for its delivery is refunded.',
    told: 'We are sorry that your order came late. You get back what you paid for its delivery.',
  },
  on_time: {
    effect: 'refuses',
    reasons: ['late_delivery'],
    rule: 'Where an order came by the promised date, or its delivery was free, nothing is refunded for its delivery.',
    told: 'We have looked at your order: there is no fee for its delivery that we could refund, since it came by the promised date or was delivered free of charge.',
  },
  sale_items: {
    effect: 'refuses',
    reasons: ['change_of_mind'],
    rule: 'Sale items are not taken back for a change of mind.',
    told: 'Items from the sale can be exchanged, but not returned for a refund, as is said where they are sold.',
  },
  return_window: {
    effect: 'grants',
    reasons: ['change_of_mind'],
    rule: 'Goods that are not wanted any more are refunded at the price paid, without delivery, within 14 days of delivery.',
    told: 'That is no problem. Please send it back unused within 14 days, with the label that is in your account.',
  },
  window_over: {
    effect: 'refuses',
    reasons: [...NOT_AS_ORDERED, 'change_of_mind'],
    rule: 'After 14 days of delivery for a change of mind, or 30 days for what is not as ordered, nothing is refunded.',
    told: 'Unfortunately the time for this is over: it is 14 days after delivery for a return, and 30 days for what is not as ordered.',
  },
  goodwill: {
    effect: 'grants',
    reasons: ['goodwill'],
    rule: 'A person may refund what no rule grants. A draft never does.',
    told: 'As a gesture of goodwill we refund this all the same.',
  },
};
