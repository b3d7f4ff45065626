import type { Reason } from '../../contracts/words/vocabulary';

/** Why a person is asked, short enough for a column. The review itself says it in a sentence with evidence. */
const REASON_WORDS: Record<Reason, string> = {
  autonomy_not_earned: 'may not run alone yet',
  autonomy_revoked: 'may not run alone any more',
  low_confidence: 'not sure enough',
  out_of_scope: 'not of a known class',
  unclear_input: 'unclear what is asked',
  several_requests: 'several requests in one',
  contradictory_input: 'contradicts itself',
  unsupported_language: 'language not supported',
  suspected_injection: 'suspected injection',
  personal_data_at_risk: 'personal data at risk',
  checks_failed: 'failed its checks',
  context_unavailable: 'context not to be had',
  contract_violation: 'context broke its contract',
  budget_exhausted: 'budget used up',
  provider_unavailable: 'no model to be had',
  policy_requires_review: 'policy requires it',
  sampled_for_audit: 'sampled for audit',
  gold_item: 'known answer',
  changed_since_approval: 'changed since approval',
  requested_by_caller: 'the caller asked for it',
};

export function reasonWords(reason: Reason | null): string {
  return reason === null ? '–' : REASON_WORDS[reason];
}
