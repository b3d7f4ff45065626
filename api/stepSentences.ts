import type { Evidence, StepRecord } from '../contracts/words/task';
import type { StepName } from '../contracts/words/vocabulary';

/** By step and result. `{name}` stands for evidence; a list is joined. */
const SENTENCES: Record<StepName, Readonly<Record<string, string>>> = {
  screen: {
    ok: 'The input passed all checks (language {language}).',
    found: 'The input was screened (language {language}); checks that found something: {failed}.',
    failed: 'The input could not be screened, so a person decides.',
  },
  classify: {
    ok: 'It is about {class}, with probability {probability}.',
    failed: 'It could not be classified, so a person decides.',
  },
  gather: { ok: 'All context was fetched.', incomplete: 'Context is missing: {missing}.' },
  draft: {
    ok: 'A draft was made by {route}.',
    no_draft: '{route} had nothing to say.',
    invalid: '{route} made a draft that broke its schema.',
    malformed: '{route} answered something that is not a draft.',
    refused: '{route} refused to answer.',
    rate_limited: '{route} was over its limit.',
    timeout: '{route} did not answer in time.',
    unavailable: '{route} could not be reached.',
    rejected: '{route} rejected the request.',
    budget_exhausted: 'The budget allowed no call of {route}.',
  },
  validate: { ok: 'The draft passed all checks.', failed: 'The draft failed: {failed}.' },
  judge: {
    permitted: 'The draft may leave alone, with confidence {confidence}.',
    escalated: 'A person decides; confidence is {confidence}.',
    failed: 'It could not be judged, so a person decides.',
  },
  review: {
    approve: '{by} approved the draft of round {round}.',
    correct: '{by} corrected the draft of round {round}.',
    decline: '{by} declined in round {round}.',
    revise: '{by} sent the draft of round {round} back with guidance.',
    fall_back: 'Nobody decided in time, so the declared fallback was taken.',
  },
  deliver: { ok: 'The answer was delivered as {outcome}.', refused: 'Delivery was refused: {failure}.' },
  notify: {
    delivered: 'The caller was told.',
    refused: "The caller's address refused the webhook.",
    parked: 'The caller could not be told; the webhook is parked.',
  },
};

/** How a step ended, for a person. A result that has no sentence is shown as the word it is. */
export function stepSentence({ name, result, evidence }: StepRecord): string {
  const sentence = SENTENCES[name][result] ?? `Ended with: ${result}.`;
  return sentence.replaceAll(/\{(\w+)\}/g, (_whole, field: string) => shown(evidence, field));
}

export function shown(evidence: Evidence, field: string): string {
  const value = evidence[field];
  if (value === undefined || value === null) return 'unknown';
  if (typeof value === 'number') return String(Math.round(value * 1000) / 1000);
  if (typeof value === 'object') return value.length === 0 ? 'none' : value.join(', ');
  return String(value);
}
