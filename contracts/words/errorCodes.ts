/**
 * The closed union of error codes. Each is the `code` of a problem+json answer, and the `type` of the failure with
 * which a workflow refuses an Update, so that a refusal means the same on every surface.
 */
export const HTTP_STATUS_OF_CODE = {
  // refusals of a decision, a claim or a cancellation
  already_decided: 409,
  stale_digest: 409,
  claimed_by_other: 409,
  not_claimed: 409,
  role_required: 403,
  own_task: 403,
  already_approved_by_you: 403,
  too_late: 409,
  not_decided: 409,
  not_your_decision: 403,
  task_ended: 409,
  output_invalid: 422,
  guidance_required: 422,
  rounds_exhausted: 409,
  token_invalid: 422,
  // requests
  idempotency_key_reused: 422,
  idempotency_key_invalid: 422,
  input_too_large: 413,
  input_invalid: 422,
  request_invalid: 400,
  not_json: 400,
  unsupported_media_type: 415,
  callback_refused: 422,
  task_type_unknown: 404,
  task_unknown: 404,
  review_unknown: 404,
  api_key_unknown: 404,
  member_unknown: 404,
  notification_unknown: 404,
  gold_item_unknown: 404,
  route_unknown: 404,
  method_not_allowed: 405,
  // who asks
  unauthenticated: 401,
  scope_required: 403,
  csrf_refused: 403,
  // us
  not_yet_decided: 202,
  unavailable: 503,
  internal: 500,
} as const;
export type ErrorCode = keyof typeof HTTP_STATUS_OF_CODE;

/** The codes with which a workflow refuses what a person or a caller asks of it. */
export const REFUSAL_CODES = [
  'already_decided',
  'stale_digest',
  'claimed_by_other',
  'not_claimed',
  'role_required',
  'own_task',
  'already_approved_by_you',
  'too_late',
  'not_decided',
  'not_your_decision',
  'task_ended',
  'review_unknown',
  'output_invalid',
  'guidance_required',
  'rounds_exhausted',
  'token_invalid',
] as const satisfies readonly ErrorCode[];
export type RefusalCode = (typeof REFUSAL_CODES)[number];
