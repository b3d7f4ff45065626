import { ActivityFailure, ApplicationFailure, isCancellation } from '@temporalio/workflow';
import type { StepName } from '../contracts/words/vocabulary';
import type { TaskRun } from './taskRun';

/**
 * Runs a judging step. One that fails (a guard, a classifier, a calibrator, a policy) sends the task to a person: the
 * failure becomes the reason `checks_failed`, and null is returned.
 */
export async function adopt<T>(run: TaskRun, step: StepName, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    run.addReason('checks_failed', { step, evidence: { check: step, failure: failureType(error) } });
    return null;
  }
}

/** The closed word that says how an activity failed. */
export function failureType(error: ActivityFailure): string {
  return error.cause instanceof ApplicationFailure ? (error.cause.type ?? 'failed') : (error.cause?.name ?? 'failed');
}
