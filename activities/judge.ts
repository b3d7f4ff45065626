import type { JudgeRequest, Judgement } from '../contracts/words/steps';
import { judge as judgeFacts } from '../autonomy/judge';
import type { StepDependencies } from './dependencies';
import { stepFailed } from './failures';

/** Decides whether the draft may leave alone. The lottery's draw depends on nothing but the task's id and a secret. */
export async function judge({ keyring, clock }: StepDependencies, request: JudgeRequest): Promise<Judgement> {
  const { ref, draft } = request;
  try {
    const { confidence, permitBy, reasons } = judgeFacts({
      class: request.class,
      draftScore: request.score,
      hasDraft: draft !== null,
      grants: request.grants,
      never: request.never,
      reasons: request.reasons,
      isReviewRequired: request.isReviewRequired,
      draw: drawOf(request, keyring.lottery(ref.tenant, ref.taskId)),
    });
    if (permitBy === null || draft === null) return { confidence, permit: null, reasons };
    const permit = { kind: 'grant', by: permitBy, at: clock().toISOString(), digest: draft.digest } as const;
    return { confidence, permit, reasons };
  } catch (error) {
    throw stepFailed('judge', error);
  }
}

/** Within the rate of the grant there may be, as of any audit sample. */
function drawOf({ isAudit = false, grants, class: { name } }: JudgeRequest, draw: number): number {
  if (!isAudit) return draw;
  return draw * Math.min(1, ...grants.filter((grant) => grant.class === name).map(({ auditRate }) => auditRate));
}
