import { Context } from '@temporalio/activity';
import { effectKeyOf } from '../contracts/words/names';
import type { TaskRef } from '../contracts/words/task';
import { type StepDependencies, taskTypeOf } from './dependencies';

/** An effect of a task as its type declares it, undefined where it does not, and what it is called with besides its arguments. */
export function effectCall(dependencies: StepDependencies, { type, taskId }: TaskRef, name: string) {
  const effect = taskTypeOf(dependencies, type).effects.find((each) => each.name === name);
  const { baseUrls } = dependencies;
  const signal = Context.current().cancellationSignal;
  return { effect, environment: { baseUrls, signal, idempotencyKey: effectKeyOf(taskId, name) } };
}
