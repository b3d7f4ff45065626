import type { CallerAnswer, Classification, TaskRef } from '../contracts/words/task';
import { type StepDependencies, taskTypeOf } from './dependencies';
import { stepFailed } from './failures';
import { loadAnswers, loadSubmission } from './material';

/** What the input is about, with what the caller said after it, and how sure that is. */
export async function classify(
  dependencies: StepDependencies,
  ref: TaskRef,
  answers: readonly CallerAnswer[] = [],
): Promise<Classification> {
  const taskType = taskTypeOf(dependencies, ref.type);
  const submission = await loadSubmission(dependencies, ref);
  const said = await loadAnswers(dependencies, ref, answers);
  try {
    const input = taskType.input.parse(submission.input);
    const { classes } = taskType;
    if (classes.kind === 'rules') return classes.classify(input);
    const byExamples = dependencies.classifiers.get(ref.type);
    if (!byExamples) throw new TypeError('the task type has no trained classifier');
    return await byExamples([taskType.textOf(input), ...said].join('\n'));
  } catch (error) {
    throw stepFailed('classify', error);
  }
}
