import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { Attempt } from '../contracts/words/task';
import type { ModelFailure } from '../models/provider';
import { EffectDoneOtherwiseError, HttpStatusError } from '../tasks/define';

/**
 * The one place where errors of the outside become failures of an activity. Their messages are closed sentences: what came
 * from outside could carry a person's text into a history.
 */

/** A step's own code failed: trying again can't help, and the task goes to a person. */
export function stepFailed(step: string, error: unknown): ApplicationFailure {
  const kind = error instanceof Error ? error.name : typeof error;
  return ApplicationFailure.create({
    message: `the step ${step} failed with ${kind}`,
    type: 'step_failed',
    nonRetryable: true,
  });
}

/** Another system could not be asked, or said no. */
export function integrationFailed(error: unknown): ApplicationFailure {
  if (error instanceof HttpStatusError && !isWorthRepeating(error.status)) {
    const message = `the other system answered with status ${error.status}`;
    return ApplicationFailure.create({ message, type: `status_${error.status}`, nonRetryable: true });
  }
  return ApplicationFailure.create({
    message: 'the other system could not be asked',
    type: failureWord(error),
    category: ApplicationFailureCategory.BENIGN,
    ...retryDelay(error instanceof HttpStatusError ? error.retryAfterSeconds : null),
  });
}

/** Another system refused an effect for good, or may do it later. */
export function effectFailed(error: unknown, effect: string): ApplicationFailure {
  if (error instanceof EffectDoneOtherwiseError) return effectDoneOtherwise(effect);
  if (error instanceof HttpStatusError && !isWorthRepeating(error.status)) {
    const message = `the effect was refused with status ${error.status}`;
    return ApplicationFailure.create({ message, type: 'effect_refused', nonRetryable: true });
  }
  return integrationFailed(error);
}

/** Whether an effect was done could not be told. It is asked again: nobody but the other system knows. */
export function lookUpFailed(error: unknown, effect: string): ApplicationFailure {
  if (error instanceof EffectDoneOtherwiseError) return effectDoneOtherwise(effect);
  return ApplicationFailure.create({
    message: 'the other system could not be asked whether the effect was done',
    type: failureWord(error),
    category: ApplicationFailureCategory.BENIGN,
    ...retryDelay(error instanceof HttpStatusError ? error.retryAfterSeconds : null),
  });
}

/** An effect was done for another draft of the task. What is delivered must not say otherwise. */
export function effectDoneOtherwise(effect: string): ApplicationFailure {
  return deliveryRefused('effect_done_otherwise', 'an effect was done with other arguments than the draft asks for', {
    effect,
  });
}

/** A model call that gave no answer. The attempts so far go along, since a failed call can cost. */
export function modelFailed(failure: ModelFailure, attempts: readonly Attempt[]): ApplicationFailure {
  return ApplicationFailure.create({
    message: failure.message,
    type: failure.result,
    nonRetryable: !failure.isRetryable,
    category: ApplicationFailureCategory.BENIGN,
    details: [attempts],
    ...retryDelay(failure.retryAfterSeconds),
  });
}

/** Nothing is delivered, for good. `details` are closed words, numbers and references, for the workflow. */
export function deliveryRefused(type: string, message: string, details?: unknown): ApplicationFailure {
  return ApplicationFailure.create({
    message,
    type,
    nonRetryable: true,
    ...(details !== undefined && { details: [details] }),
  });
}

function isWorthRepeating(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

function failureWord(error: unknown): string {
  if (error instanceof HttpStatusError) return `status_${error.status}`;
  return error instanceof Error && error.name === 'TimeoutError' ? 'timeout' : 'unreachable';
}

function retryDelay(seconds: number | null): { nextRetryDelay?: number } {
  return seconds === null ? {} : { nextRetryDelay: seconds * 1000 };
}

/** The receiver did not take the event; null: there was no answer. */
export function webhookUnanswered(status: number | null): ApplicationFailure {
  const message = status === null ? 'the receiver did not answer' : `the receiver answered with status ${status}`;
  const type = status === null ? 'unreachable' : `status_${status}`;
  return ApplicationFailure.create({ message, type, category: ApplicationFailureCategory.BENIGN });
}

/** The address must not be asked, and never will be. */
export function webhookRefused(why: string): ApplicationFailure {
  return ApplicationFailure.create({
    message: 'the address of the receiver is not allowed',
    type: why,
    nonRetryable: true,
  });
}
