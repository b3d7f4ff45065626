import type { ReasonGiven } from './words/task';
import type { Reason } from './words/vocabulary';

const SENTENCES: Record<Reason, string> = {
  autonomy_not_earned: 'Every answer of this class is reviewed until it has earned to leave alone.',
  autonomy_revoked: 'This class could leave alone, and no longer may.',
  low_confidence: 'The confidence is below what this class needs to leave alone.',
  out_of_scope: 'It is about something this task type does not handle.',
  unclear_input: 'What is asked for is not clear.',
  several_requests: 'It asks for several things at once.',
  contradictory_input: 'It contradicts itself.',
  unsupported_language: 'It is in a language that this task type does not handle.',
  suspected_injection: 'It reads as if it tried to give orders to the model.',
  personal_data_at_risk: 'The answer could show personal data to the wrong person.',
  checks_failed: 'A check of the input or the draft failed, or could not be run.',
  context_unavailable: 'A system that the answer depends on could not be reached.',
  contract_violation: 'Another system did not keep to its contract.',
  budget_exhausted: 'The budget does not allow another model call.',
  provider_unavailable: 'No model could be reached.',
  policy_requires_review: 'The policy has a person look at this.',
  sampled_for_audit: 'It could have left alone, and was drawn for an audit.',
  gold_item: 'It could have left alone, and is reviewed all the same.',
  changed_since_approval: 'It has changed since it was approved.',
  requested_by_caller: 'The caller asked for a person.',
};

/** Why a person is asked, in a sentence; what exactly was seen is in the evidence beside it. */
export function reasonSentence({ reason }: Pick<ReasonGiven, 'reason'>): string {
  return SENTENCES[reason];
}
