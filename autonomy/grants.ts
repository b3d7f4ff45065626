import type { GrantPolicy } from '../contracts/words/policy';

/** A grant, a probability or a draw that no judgement can be built on. The task goes to a person. */
export class JudgementError extends Error {
  override readonly name = 'JudgementError';
}

/**
 * The grant of a class; null if it has none. Throws a JudgementError for one whose numbers are out of range, and where the class
 * has several: which of them holds would be a guess.
 */
export function grantOf(className: string, grants: readonly GrantPolicy[]): GrantPolicy | null {
  const [grant, second] = grants.filter((each) => each.class === className);
  if (grant === undefined) return null;
  if (second !== undefined) throw new JudgementError(`the class ${className} has more than one grant; keep one`);
  if (!(grant.threshold > 0 && grant.threshold <= 1))
    throw new JudgementError(`the threshold of the grant ${grant.id} is not in (0, 1]`);
  if (!(grant.auditRate >= 0.01 && grant.auditRate <= 1))
    throw new JudgementError(`the audit rate of the grant ${grant.id} is not in [0.01, 1]`);
  return grant;
}
