import { z } from 'zod';
import { REFUND_REASONS } from './classes';
import { Currency, CustomerId, Minor, OrderId, PaymentId, Sku } from './contracts';
import { POLICY_RULE_IDS } from './policyRules';

export const RefundDecisionInput = z.object({
  orderId: OrderId,
  customerId: CustomerId,
  /** From the caller alone, so that no draft and no correction can lead the money elsewhere. */
  paymentId: PaymentId.describe('The payment that the order was paid with, and that is refunded'),
  message: z.string().min(1).max(8_000).describe('What the customer wrote'),
  receivedOn: z.iso.date().describe('The day on which the customer wrote it; periods of the policy end on it'),
  refundsInLast90Days: z.int().min(0).max(1_000).describe('How many refunds the customer has had, of all orders'),
  requested: z
    .object({ amountMinor: z.int().min(1).max(100_000_000), currency: Currency })
    .optional()
    .describe('What the customer asks for, where a form has asked for it; nothing above it is refunded'),
  lines: z
    .array(z.object({ sku: Sku, quantity: z.int().min(1).max(999) }))
    .min(1)
    .max(100)
    .optional()
    .describe('The lines that the customer has marked'),
});
export type RefundDecisionInput = z.infer<typeof RefundDecisionInput>;

export const RefundLine = z.object({
  sku: Sku.describe('Of a line of the order; EXTRA-CHARGE for what was paid beyond the order'),
  quantity: z.int().min(1).max(999),
  amountMinor: z.int().min(1).max(100_000_000).describe('For the whole line, in minor units'),
  reason: z.enum(REFUND_REASONS),
});
export type RefundLine = z.infer<typeof RefundLine>;

/**
 * The arithmetic is part of the schema, since a person's correction is held to the schema alone: what is paid out is always the
 * sum of what is shown.
 */
export const RefundDecisionOutput = z
  .object({
    decision: z
      .enum(['refund', 'partial_refund', 'no_refund'])
      .describe('refund: all that the customer asks for; partial_refund: a part of it'),
    lines: z.array(RefundLine).max(100),
    totalMinor: Minor.describe('The sum of the lines'),
    currency: Currency,
    refundTo: z.string().min(1).max(40).describe("The payment's method in words, such as: card …4242"),
    message: z.string().min(1).max(2_000).describe('What the customer is sent'),
    policyRules: z
      .array(z.enum(POLICY_RULE_IDS))
      .max(20)
      .describe('The rules of the policy that the decision rests on'),
  })
  .superRefine(({ decision, lines, totalMinor }, context) => {
    const fault = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
    if (sumOf(lines) !== totalMinor) fault('totalMinor', 'must be the sum of the lines');
    if ((decision === 'no_refund') !== (totalMinor === 0))
      fault('decision', 'must be no_refund for a total of 0 alone');
    if (new Set(lines.map(({ sku }) => sku)).size < lines.length) fault('lines', 'must name each line once');
  });
export type RefundDecisionOutput = z.infer<typeof RefundDecisionOutput>;

export function sumOf(lines: readonly Pick<RefundLine, 'amountMinor'>[]): number {
  return lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
}
