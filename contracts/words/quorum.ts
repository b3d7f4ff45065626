import type { ApprovalsNeeded, ReviewPolicy } from './policy';
import type { DecisionRecord, ReviewState, Round } from './task';

type Approval = Pick<DecisionRecord, 'by' | 'asApprover'>;

/** How many people a round asks for. */
export function neededOf(round: Pick<Round, 'needed'>, policy: Pick<ReviewPolicy, 'approvals'>): ApprovalsNeeded {
  return round.needed ?? policy.approvals;
}

/** Everything that counts for the draft of a round: approvals that waited for others', and the decision. */
export function decisionsOn({
  approvals = [],
  decision,
}: Pick<Round, 'approvals' | 'decision'>): readonly DecisionRecord[] {
  return decision === null ? approvals : [...approvals, decision];
}

/** The same with what was taken back, which comes first. */
export function everyDecisionOn(round: Pick<Round, 'approvals' | 'decision' | 'undone'>): readonly DecisionRecord[] {
  return [...(round.undone ?? []).map(({ decision }) => decision), ...decisionsOn(round)];
}

/** Every decision that took effect on a review, with approvals that waited for others' and what was taken back. */
export function everyDecision(review: ReviewState | null): readonly DecisionRecord[] {
  return (review?.rounds ?? []).flatMap(everyDecisionOn);
}

/** What is missing once these have approved; both 0 when it is enough. One person counts once, however often they approved. */
export function stillNeeded(
  needed: ApprovalsNeeded,
  approvals: readonly Approval[],
): { readonly approvals: number; readonly approvers: number } {
  const people = new Set(approvals.map(({ by }) => by));
  const approvers = new Set(approvals.filter(({ asApprover }) => asApprover).map(({ by }) => by));
  const missingApprovers = Math.max(0, needed.approvers - approvers.size);
  return { approvals: Math.max(needed.approvals - people.size, missingApprovers), approvers: missingApprovers };
}
