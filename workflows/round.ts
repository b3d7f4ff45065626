import type { ApprovalsNeeded } from '../contracts/words/policy';
import type { Confidence, DecisionRecord, DraftRef, Round } from '../contracts/words/task';
import { neededOf, stillNeeded } from '../contracts/words/quorum';
import { now, type TaskRun } from './taskRun';

const NO_CONFIDENCE: Confidence = { score: 0, calibrator: 'none', errorBound: null };

/** The round that puts the task's draft to people now. */
export function newRound({ state, policy }: TaskRun): Round {
  const { review: before, draft, reasons, checks, confidence, contexts } = state;
  const last = before?.rounds.at(-1) ?? null;
  const needed = draft === null ? policy.review.approvals : neededOf(draft, policy.review);
  return {
    round: (before?.rounds.length ?? 0) + 1,
    draft,
    digest: draft?.digest ?? policy.emptyDigest,
    openedAt: now(),
    reasons,
    checks,
    confidence: confidence ?? NO_CONFIDENCE,
    decision: null,
    contexts,
    needed,
    approvals: approvalsSoFar(last?.decision ?? null, { draft, needed }),
    isCorrection: last !== null && draft !== null && isMadeByPerson(last, draft),
  };
}

/** Whoever corrected has approved what they wrote. What was enough, and could not be delivered, is decided on anew. */
function approvalsSoFar(
  decision: DecisionRecord | null,
  { draft, needed }: { readonly draft: DraftRef | null; readonly needed: ApprovalsNeeded },
): readonly DecisionRecord[] {
  const isOfDraft = decision?.action === 'correct' && decision.permitDigest === draft?.digest;
  return isOfDraft && stillNeeded(needed, [decision]).approvals > 0 ? [decision] : [];
}

function isMadeByPerson({ decision, digest, isCorrection = false }: Round, draft: DraftRef): boolean {
  if (decision?.action === 'correct') return decision.permitDigest === draft.digest;
  return isCorrection && digest === draft.digest;
}
