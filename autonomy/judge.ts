import type { GrantPolicy } from '../contracts/words/policy';
import type { Classification, Confidence, Evidence, ReasonGiven } from '../contracts/words/task';
import { OUT_OF_SCOPE, UNCLEAR } from '../contracts/words/vocabulary';
import type { Reason } from '../contracts/words/vocabulary';
import { grantOf, JudgementError } from './grants';

export interface JudgeFacts {
  /** With its calibrated probability. */
  readonly class: Classification;
  /** The maker's estimate that the draft is right given the class is, in [0, 1]. */
  readonly draftScore: number;
  readonly hasDraft: boolean;
  readonly grants: readonly GrantPolicy[];
  /** Classes that never run alone. */
  readonly never: readonly string[];
  /** What earlier steps gave. Any of them ends the way to a permit. */
  readonly reasons: readonly ReasonGiven[];
  /** Whether the caller asked for a person. */
  readonly isReviewRequired: boolean;
  /** The lottery's value for this task, uniform in [0, 1) and drawn without regard to class, draft or confidence. */
  readonly draw: number;
}

export interface JudgementFacts {
  readonly confidence: Confidence;
  /** The id of the grant that lets the draft leave alone; null exactly where there is a reason. */
  readonly permitBy: string | null;
  /** Earlier reasons first, then those given here, each reason once. */
  readonly reasons: readonly ReasonGiven[];
}

/**
 * How far a draft can be trusted, and whether a grant lets it leave without a person. Without a grant the answer is always a
 * person: autonomy is never the default. An audit draw counts only for a draft that could have left alone.
 *
 * Confidence is the probability of the class times the draft's score; 0 without a draft. Grants are those that an owner declared,
 * with no proven bound of the error; grants earned from evidence come in by the same list.
 *
 * Throws a JudgementError for a number that is NaN or out of range, so that a broken classifier or policy sends the task to a person.
 */
export function judge(facts: JudgeFacts): JudgementFacts {
  validate(facts);
  const grant = grantOf(facts.class.name, facts.grants);
  const confidence = confidenceOf(facts);
  const reasons = [...facts.reasons];
  const give = (reason: Reason, evidence: Evidence = {}) => {
    if (!reasons.some((each) => each.reason === reason)) reasons.push({ reason, step: 'judge', evidence });
  };
  if (facts.isReviewRequired) give('requested_by_caller');
  if (facts.never.includes(facts.class.name)) give('policy_requires_review', { class: facts.class.name });
  if (facts.class.name === OUT_OF_SCOPE) give('out_of_scope', { strangeness: facts.class.strangeness });
  if (facts.class.name === UNCLEAR) give('unclear_input', { probability: facts.class.probability });
  if (grant === null) give('autonomy_not_earned', { class: facts.class.name });
  else if (!facts.hasDraft || confidence.score < grant.threshold)
    give('low_confidence', lowConfidence(confidence, grant));
  else if (reasons.length === 0 && facts.draw < grant.auditRate)
    give('sampled_for_audit', auditEvidence(facts.draw, grant));
  return { confidence, permitBy: grant !== null && reasons.length === 0 ? grant.id : null, reasons };
}

function confidenceOf({ class: classification, draftScore, hasDraft }: JudgeFacts): Confidence {
  const score = hasDraft ? classification.probability * draftScore : 0;
  return { score, calibrator: classification.calibrator, errorBound: null };
}

function lowConfidence({ score }: Confidence, { threshold, id }: GrantPolicy): Evidence {
  return { grant: id, score, threshold };
}

/** The probability of being drawn is part of the evidence: what is learnt from audits is weighed by it. */
function auditEvidence(draw: number, { auditRate, id }: GrantPolicy): Evidence {
  return { grant: id, draw, auditRate };
}

function validate({ class: classification, draftScore, draw }: JudgeFacts): void {
  assertProbability(classification.probability, 'the probability of the class');
  assertProbability(draftScore, "the draft's score");
  assertProbability(draw, "the lottery's draw");
  if (draw === 1) throw new JudgementError("the lottery's draw is not in [0, 1)");
}

function assertProbability(value: number, what: string): void {
  if (!(value >= 0 && value <= 1)) throw new JudgementError(`${what} is ${value}, which is not in [0, 1]`);
}
