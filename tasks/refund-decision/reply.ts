import { money } from './facts';
import { isGranting } from './policy';
import { POLICY_RULES, type PolicyRuleId } from './policyRules';
import type { RefundDecisionOutput } from './schemas';

const SIGNATURE = 'Kind regards\nFernwood & Co, customer service';

/**
 * What the customer is told, of approved sentences and the decision alone: so that it can be written anew when a person leaves out
 * one of the lines.
 */
export function approvedReply(decision: Omit<RefundDecisionOutput, 'message'>): string {
  return ['Hello,', ...paragraphs(decision), SIGNATURE].join('\n\n');
}

function paragraphs({ totalMinor, currency, refundTo, policyRules }: Omit<RefundDecisionOutput, 'message'>): string[] {
  const told = (isWanted: (id: PolicyRuleId) => boolean): string[] =>
    policyRules.filter(isWanted).map((id) => POLICY_RULES[id].told);
  const refused = told((id) => !isGranting(id));
  if (totalMinor === 0)
    return refused.length > 0 ? refused : ['We have looked at your order, and can not refund anything for it.'];
  const amount = `We refund ${money(totalMinor, currency)} to your ${refundTo}. You see it there within five working days.`;
  return [...told(isGranting), amount, ...refused];
}

/** Numbers that a message may say whatever the order is: those of the approved sentences. */
export function approvedSentences(): readonly string[] {
  return Object.values(POLICY_RULES).flatMap(({ rule, told }) => [rule, told]);
}
