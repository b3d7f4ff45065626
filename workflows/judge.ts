import { adopt } from './adopt';
import { local } from './proxies';
import type { TaskRun } from './taskRun';

/** How far the draft can be trusted: a permit by a live grant, or the reasons for which a person has to see it. */
export async function judge(run: TaskRun): Promise<void> {
  await run.step('judge', async () => {
    requireSecondLook(run);
    const { class: classification, draft, reasons } = run.state;
    if (classification === null) throw new TypeError('judging comes after classifying');
    const { grants, never } = run.policy.autonomy;
    const { isReviewRequired } = run.start;
    const request = {
      ref: run.ref,
      grants,
      never,
      class: classification,
      score: run.draftScore,
      draft,
      isReviewRequired,
      ...(run.start.gold && { isAudit: true }),
      reasons,
    };
    const judgement = await adopt(run, 'judge', () =>
      local.judge.executeWithOptions({ summary: 'judges the draft' }, [request]),
    );
    if (!judgement) {
      run.change({ confidence: { score: 0, calibrator: 'none', errorBound: null } });
      return { result: 'failed', evidence: {} };
    }
    const { confidence, permit } = judgement;
    run.change({ confidence, permit, reasons: judgement.reasons });
    if (permit) run.audit('permitted', { actor: permit.by, facts: { kind: permit.kind, digest: permit.digest } });
    return { result: permit ? 'permitted' : 'escalated', evidence: { confidence: confidence.score } };
  });
}

/** A draft that a reviewer asked for, or that needs more than one person, is shown to people, whatever is granted. */
function requireSecondLook(run: TaskRun): void {
  const rounds = run.state.review?.rounds.length ?? 0;
  if (rounds > 0) run.addReason('policy_requires_review', { step: 'judge', evidence: { rounds } });
  const { draft } = run.state;
  const { approvals, approvers, rule } = draft?.needed ?? run.policy.review.approvals;
  if (draft === null || (approvals === 1 && approvers === 0)) return;
  run.addReason('policy_requires_review', { step: 'judge', evidence: { approvals, approvers, rule } });
}
