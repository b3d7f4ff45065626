/** Every id, queue name and text name is built here and nowhere else. */

export const TASK_WORKFLOW_TYPE = 'aiTask';

/** Task ids are `tsk_` and 26 characters; the review of a task has the same characters behind `rev_`. */
export function reviewIdOf(taskId: string): string {
  return `rev_${taskId.slice('tsk_'.length)}`;
}

export function taskIdOfReview(reviewId: string): string {
  return `tsk_${reviewId.slice('rev_'.length)}`;
}

/** Without a slash: the Temporal UI shows "Not Found" at the address of a run whose id has one. */
export function workflowIdOf(tenant: string, taskId: string): string {
  return `${tenant}.${taskId}`;
}

/** Model calls of one provider have a queue of their own, so that its outage or limit stops no other work. */
export function providerQueueOf(taskQueue: string, provider: string): string {
  return `${taskQueue}.provider.${provider}`;
}

export const INPUT_TEXT = 'input';
/** Subject, reference and metadata as the caller gave them, apart from the input, so that reading a task never opens that. */
export const PARTICULARS_TEXT = 'particulars';

export function contextTextOf(integration: string, digest: string): string {
  return `context/${integration}/${digest.slice(0, 24)}`;
}

export function draftTextOf(digest: string): string {
  return `draft/${digest.slice(0, 24)}`;
}

/** The constant a task type falls back to. It is no person's text: it is kept with the policy, not with the task. */
export const FALLBACK_TEXT = 'policy/fallback';

/** The idempotency key of an effect: task and name, never run or digest. */
export function effectKeyOf(taskId: string, effect: string): string {
  return `${taskId}:${effect}`;
}

export function noteTextOf(kind: 'note' | 'guidance' | 'cancellation' | 'question' | 'answer', digest: string): string {
  return `${kind}/${digest.slice(0, 24)}`;
}

/** At most six, keywords only, no personal data. */
export const SEARCH_ATTRIBUTES = {
  type: 'CountersignType',
  class: 'CountersignClass',
  status: 'CountersignStatus',
  reason: 'CountersignReason',
  queue: 'CountersignQueue',
  tenant: 'CountersignTenant',
} as const;
