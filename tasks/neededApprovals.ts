import type { ApprovalsNeeded } from '../contracts/words/policy';
import type { ResolvedTask } from './resolve';

/**
 * How many people a valid output needs, by the rules of its task type; null where none of them asks for more than the policy
 * does. A model's draft, a reviewer's correction and delivery have to be read by this one function. A rule that throws applies: what
 * can't be judged is not taken for harmless.
 */
export function neededApprovals(
  { approvalRules, review }: Pick<ResolvedTask, 'approvalRules' | 'review'>,
  { input, output }: { readonly input: unknown; readonly output: unknown },
): ApprovalsNeeded | null {
  const usual: ApprovalsNeeded = { approvals: review.approvals, approvers: review.approvers, rule: null };
  const strictest = approvalRules
    .filter((rule) => applies(rule, { input, output }))
    .reduce<ApprovalsNeeded>((needed, { name, approvals, approvers = 0 }) => {
      const isMore = approvals > needed.approvals || approvers > needed.approvers;
      if (!isMore) return needed;
      return {
        approvals: Math.max(approvals, needed.approvals),
        approvers: Math.max(approvers, needed.approvers),
        rule: name,
      };
    }, usual);
  return strictest.rule === null ? null : strictest;
}

function applies(
  rule: ResolvedTask['approvalRules'][number],
  { input, output }: { readonly input: unknown; readonly output: unknown },
): boolean {
  try {
    return rule.when(input, output);
  } catch {
    return true;
  }
}
