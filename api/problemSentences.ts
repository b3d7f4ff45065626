import type { ErrorCode } from '../contracts/words/errorCodes';

/** What happened, and what it means or what to do, for each code. */
export const PROBLEM_SENTENCES: Record<ErrorCode, { readonly title: string; readonly detail: string }> = {
  already_decided: {
    title: 'Somebody decided before you',
    detail: 'The review was decided on already; your decision changed nothing. Who, what and when is in this answer.',
  },
  stale_digest: {
    title: 'The draft has changed',
    detail:
      'The digest you named is not that of the draft under review; nothing was changed. Look at the newer draft in this answer and decide on that.',
  },
  claimed_by_other: {
    title: 'Somebody else holds this review',
    detail: 'Wait until the claim ends, or take another review with POST /v1/reviews/next.',
  },
  not_claimed: {
    title: 'You do not hold this review',
    detail: 'Your claim ended or was never made. Claim the review again.',
  },
  role_required: {
    title: 'You may not decide here',
    detail:
      'It needs a role that you do not have; `role` in this answer names it. Ask an administrator, or leave it to others.',
  },
  own_task: {
    title: 'It is your own task',
    detail: 'Whoever posted a task can not decide on it. Leave it to another person.',
  },
  already_approved_by_you: {
    title: 'You approved it already',
    detail: 'It needs the approval of another person, too; yours is counted.',
  },
  too_late: {
    title: 'It is too late to undo',
    detail: 'The time to undo this decision is over, or it is being delivered. Nothing was changed.',
  },
  not_decided: { title: 'There is nothing to undo', detail: 'Nobody has decided on the round that is open.' },
  not_your_decision: {
    title: 'It is the decision of another person',
    detail: 'Only who decided can undo it, or a lead. Nothing was changed.',
  },
  task_ended: { title: 'The task has ended', detail: 'Nothing about it can be changed any more.' },
  output_invalid: {
    title: 'The output is not valid',
    detail:
      "The output must match the task type's output schema; there must be a draft to approve. Nothing was changed.",
  },
  guidance_required: {
    title: 'Guidance is missing',
    detail: 'A revision needs guidance: say what the next draft must do better.',
  },
  rounds_exhausted: {
    title: 'It can not be sent back again',
    detail: 'The review has had all its rounds. Approve, correct or decline.',
  },
  token_invalid: {
    title: 'The decision token is not valid',
    detail: 'Mint a new one with POST /v1/reviews/{reviewId}/decision-tokens.',
  },
  idempotency_key_reused: {
    title: 'The Idempotency-Key was used for something else',
    detail: 'The key is known with another body. Use a new key for a new request, or the first body again.',
  },
  idempotency_key_invalid: {
    title: 'The Idempotency-Key is not valid',
    detail: 'It must be 1 to 255 printable ASCII characters.',
  },
  input_too_large: { title: 'Too large', detail: 'The request is larger than allowed. Send less.' },
  input_invalid: { title: 'The body is not valid', detail: '`errors` names each field and the rule it breaks.' },
  request_invalid: {
    title: 'The request is not valid',
    detail: '`errors` names each parameter and the rule it breaks.',
  },
  not_json: { title: 'Not JSON', detail: 'The body must be one JSON text (RFC 8259) in UTF-8.' },
  unsupported_media_type: {
    title: 'Unsupported media type',
    detail: 'Send the body as application/json in UTF-8, without a content encoding.',
  },
  callback_refused: { title: 'The callback URL is refused', detail: 'Nothing was accepted.' },
  task_type_unknown: { title: 'Unknown task type', detail: 'GET /v1/task-types lists what this installation can do.' },
  task_unknown: { title: 'Unknown task', detail: 'There is no such task, or it is not yours.' },
  review_unknown: { title: 'Unknown review', detail: 'There is no such review, or it is not yours.' },
  member_unknown: { title: 'Unknown member', detail: "There is no such member, or it is another tenant's." },
  gold_item_unknown: { title: 'Unknown gold item', detail: 'There is no gold item in use under this id.' },
  notification_unknown: {
    title: 'Unknown notification',
    detail: 'There is no parked notification under this id.',
  },
  api_key_unknown: { title: 'Unknown API key', detail: 'There is no such API key, or it is not yours.' },
  route_unknown: { title: 'Nothing is here', detail: '/openapi.json lists every address.' },
  method_not_allowed: { title: 'Method not allowed', detail: 'The header Allow names the methods of this address.' },
  unauthenticated: {
    title: 'Who are you?',
    detail: 'Send `Authorization: Bearer` with an API key that is neither expired nor revoked, or sign in.',
  },
  scope_required: {
    title: 'Your key may not do this',
    detail: 'Ask an administrator for a key with the scope that `scope` names.',
  },
  csrf_refused: {
    title: 'The request did not come from this site',
    detail:
      'Requests with a session cookie that change something must come from a page of this address. Use an API key elsewhere.',
  },
  not_yet_decided: {
    title: 'Not known yet',
    detail:
      'It was sent on, and the result did not come in time. Ask again with the same Idempotency-Key, or read the task.',
  },
  unavailable: {
    title: 'Not available now',
    detail:
      'The store, or Temporal or its workers, can not be reached. Ask again, with the same Idempotency-Key: what took effect meanwhile is answered, not repeated.',
  },
  internal: { title: 'Our fault', detail: 'Something failed that should not. The log has it under this request id.' },
};
