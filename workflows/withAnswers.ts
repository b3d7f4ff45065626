import type { CallerAnswer, TaskRef } from '../contracts/words/task';
import type { TaskRun } from './taskRun';

/** The task, and what its caller said after the input where there is anything. */
export function withAnswers({ ref, answers }: TaskRun): [TaskRef] | [TaskRef, readonly CallerAnswer[]] {
  return answers.length === 0 ? [ref] : [ref, answers];
}
