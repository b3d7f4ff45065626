import type { DecisionRecord } from '../contracts/words/task';

/** A decision as people are told of it. */
export function shownDecision(decision: DecisionRecord) {
  const { action, by, at, round, digest, permitDigest, reasonCode, correctionKind, humanSeconds, surface } = decision;
  const { missing: missingApprovals = 0, undoUntil = null, items = [] } = decision;
  return {
    ...{ action, by, at, round, digest, permitDigest, reasonCode, correctionKind, humanSeconds, surface },
    ...{ missingApprovals, undoUntil, items },
  };
}
