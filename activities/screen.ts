import type { ScreenResult } from '../contracts/words/steps';
import type { CallerAnswer, TaskRef } from '../contracts/words/task';
import { screenText } from '../guards/screen';
import { type StepDependencies, taskTypeOf } from './dependencies';
import { stepFailed } from './failures';
import { loadAnswers, loadSubmission } from './material';

/**
 * Looks at the input, and what the caller said after it, before anything else does: readable, in a language the task type handles,
 * no attempt to give orders.
 */
export async function screen(
  dependencies: StepDependencies,
  ref: TaskRef,
  answers: readonly CallerAnswer[] = [],
): Promise<ScreenResult> {
  const taskType = taskTypeOf(dependencies, ref.type);
  const submission = await loadSubmission(dependencies, ref);
  const said = await loadAnswers(dependencies, ref, answers);
  try {
    const text = [taskType.textOf(taskType.input.parse(submission.input)), ...said].join('\n');
    const { language, checks } = screenText({
      text,
      languages: taskType.languages,
      phoneRegions: taskType.phoneRegions,
    });
    return { language, checks };
  } catch (error) {
    throw stepFailed('screen', error);
  }
}
