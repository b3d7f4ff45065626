import type { Classification, TaskRef } from '../contracts/words/task';
import { type StepDependencies, taskTypeOf } from './dependencies';
import { stepFailed } from './failures';
import { loadSubmission } from './material';

/** What the input is about, and how sure that is. */
export async function classify(dependencies: StepDependencies, ref: TaskRef): Promise<Classification> {
  const taskType = taskTypeOf(dependencies, ref.type);
  const submission = await loadSubmission(dependencies, ref);
  try {
    const input = taskType.input.parse(submission.input);
    const { classes } = taskType;
    if (classes.kind === 'rules') return classes.classify(input);
    const byExamples = dependencies.classifiers.get(ref.type);
    if (!byExamples) throw new TypeError('the task type has no trained classifier');
    return await byExamples(taskType.textOf(input));
  } catch (error) {
    throw stepFailed('classify', error);
  }
}
