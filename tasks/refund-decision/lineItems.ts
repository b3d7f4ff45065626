import { canonicalJson } from '../../contracts/digest';
import type { DraftItems } from '../define';
import { isGranting } from './policy';
import { POLICY_RULES } from './policyRules';
import { approvedReply } from './reply';
import { RefundLine, type RefundDecisionOutput, sumOf } from './schemas';

/**
 * The lines of a refund, which can be decided one by one. With other lines than the draft's, sum, decision, rules and message follow
 * from them: what is less than the draft gave is a part of what the customer asks for, and nothing is no refund. Throws a ZodError
 * for what is no line.
 */
export const lineItems: DraftItems<RefundDecisionOutput> = {
  of: ({ lines }) => lines,
  withItems: (output, items) => {
    const lines = items.map((item) => RefundLine.parse(item));
    if (canonicalJson(lines) === canonicalJson(output.lines)) return output;
    const totalMinor = sumOf(lines);
    const { message: _written, ...decided } = {
      ...output,
      lines,
      totalMinor,
      decision: decisionOf(totalMinor, output),
      policyRules: output.policyRules.filter(
        (id) => !isGranting(id) || lines.some(({ reason }) => POLICY_RULES[id].reasons.includes(reason)),
      ),
    };
    return { ...decided, message: approvedReply(decided) };
  },
};

function decisionOf(totalMinor: number, before: RefundDecisionOutput): RefundDecisionOutput['decision'] {
  if (totalMinor === 0) return 'no_refund';
  return totalMinor < before.totalMinor || before.decision === 'no_refund' ? 'partial_refund' : before.decision;
}
