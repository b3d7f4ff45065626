import type { Decision } from '../adapter';

const ACTIONS = { approve: 'approve', reject: 'decline', correct: 'correct', revise: 'revise' } as const;

/** A decision as this product's interface takes it. */
export function bodyOf({ action, seen, output, guidance, note }: Decision): object {
  return {
    action: action === 'ask' ? 'revise' : ACTIONS[action],
    digest: seen,
    ...(output === undefined ? {} : { output }),
    ...(guidance === undefined ? {} : { guidance }),
    ...(note === undefined ? {} : { note }),
  };
}

export function reviewOf(taskId: string): string {
  return taskId.replace('tsk_', 'rev_');
}

export function workflowOf(taskId: string): string {
  return `default.${taskId}`;
}
