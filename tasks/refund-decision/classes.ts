/** Why customers of a shop ask for their money back. The examples of each are in examples.jsonl, what is granted in policy.ts. */
export const REFUND_CLASSES = [
  'damaged',
  'wrong_item',
  'missing_item',
  'not_arrived',
  'late_delivery',
  'change_of_mind',
  'double_charge',
] as const;
export type RefundClass = (typeof REFUND_CLASSES)[number];

/** Of one line of a refund. `goodwill` is a person's word: no rule of the policy supports it, so that no draft may use it. */
export const REFUND_REASONS = [...REFUND_CLASSES, 'goodwill'] as const;
export type RefundReason = (typeof REFUND_REASONS)[number];

/** Where a customer has paid twice, the records of the payment itself are in doubt: that never runs alone, whatever is granted. */
export const NEVER_ALONE = ['double_charge'] as const satisfies readonly RefundClass[];

export function isRefundClass(name: string): name is RefundClass {
  return (REFUND_CLASSES as readonly string[]).includes(name);
}
