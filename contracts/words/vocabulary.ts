/** The closed words of the glossary. They are used unchanged in histories, in the store, over HTTP and on screens. */

export const STATUSES = ['running', 'waiting_for_review', 'waiting_for_caller', 'completed'] as const;
export type Status = (typeof STATUSES)[number];

export const OUTCOMES = ['answered', 'approved', 'corrected', 'declined', 'fell_back', 'cancelled', 'failed'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Why a task went to a person. At least one is on every escalation. */
export const REASONS = [
  'autonomy_not_earned',
  'autonomy_revoked',
  'low_confidence',
  'out_of_scope',
  'unclear_input',
  'several_requests',
  'contradictory_input',
  'unsupported_language',
  'suspected_injection',
  'personal_data_at_risk',
  'checks_failed',
  'context_unavailable',
  'contract_violation',
  'budget_exhausted',
  'provider_unavailable',
  'policy_requires_review',
  'sampled_for_audit',
  'gold_item',
  'changed_since_approval',
  'requested_by_caller',
] as const;
export type Reason = (typeof REASONS)[number];

export const ACTIONS = ['approve', 'correct', 'decline', 'revise'] as const;
export type Action = (typeof ACTIONS)[number];

/** By which door a decision came. All of them are judged by one function. */
export const SURFACES = ['http', 'bulk', 'link', 'slack', 'signal'] as const;
export type Surface = (typeof SURFACES)[number];

export const STEP_NAMES = [
  'screen',
  'classify',
  'gather',
  'draft',
  'validate',
  'judge',
  'review',
  'deliver',
  'notify',
] as const;
export type StepName = (typeof STEP_NAMES)[number];

/**
 * `revising`: another draft is being made, and nobody can decide until the next round opens. `waiting_for_caller`: a reviewer asked
 * the caller a question; a decision is possible all the same.
 */
export const REVIEW_STATUSES = ['open', 'claimed', 'waiting_for_caller', 'revising', 'closed'] as const;
export type ReviewStatus = (typeof REVIEW_STATUSES)[number];

export const CORRECTION_KINDS = ['substance', 'style'] as const;
export type CorrectionKind = (typeof CORRECTION_KINDS)[number];

/** How one model call ended. `invalid` parsed but failed a check; `malformed` did not parse; `rejected` is our fault (4xx). */
export const ATTEMPT_RESULTS = [
  'ok',
  'no_draft',
  'invalid',
  'malformed',
  'refused',
  'rate_limited',
  'timeout',
  'unavailable',
  'rejected',
] as const;
export type AttemptResult = (typeof ATTEMPT_RESULTS)[number];

/** Classes that every task type has besides its own. */
export const OUT_OF_SCOPE = 'out_of_scope';
export const UNCLEAR = 'unclear';

/**
 * What an API key or a session may do. `reviews:approve` counts as the second pair of eyes where an approver is needed;
 * `reviews:lead` assigns reviews and takes claims back. `admin` manages keys and members; it does not imply the others.
 */
export const SCOPES = [
  'tasks:write',
  'tasks:read',
  'reviews:read',
  'reviews:decide',
  'reviews:approve',
  'reviews:lead',
  'personal_data:read',
  'admin',
] as const;
export type Scope = (typeof SCOPES)[number];

export const WEBHOOK_EVENTS = ['task.completed', 'task.needs_input', 'review.opened', 'review.overdue'] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];
