import type { Question, ReviewState, TaskState } from './task';

/** The question of the newest round that the caller has not answered yet. */
export function openQuestion({ rounds }: Pick<ReviewState, 'rounds'>): Question | null {
  return rounds.at(-1)?.questions?.findLast(({ status }) => status === 'open') ?? null;
}

/** What the caller is asked now; null while nothing waits for them. */
export function questionToCaller({ status, review }: Pick<TaskState, 'status' | 'review'>): Question | null {
  return status === 'waiting_for_caller' && review ? openQuestion(review) : null;
}
