import { proxyActivities, proxyLocalActivities, workflowInfo, type ActivityOptions } from '@temporalio/workflow';
import { providerQueueOf } from '../contracts/words/names';
import type { IntegrationPolicy, RoutePolicy } from '../contracts/words/policy';
import type { LocalSteps, RemoteSteps } from '../contracts/words/steps';

const LOCAL_RETRY = { initialInterval: '100ms', backoffCoefficient: 2, maximumInterval: '10s' } as const;

/**
 * Steps that only compute. They wait out an outage of the store for a day; a step whose own code fails gives up at once
 * (`step_failed` is never retried) and the task goes to a person.
 */
export const local = proxyLocalActivities<Omit<LocalSteps, 'project'>>({
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '24h',
  retry: LOCAL_RETRY,
});

/** A projection is never given up while the task lives: the store is what the task is asked from. */
export const projection = proxyLocalActivities<Pick<LocalSteps, 'project'>>({
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '365 days',
  retry: LOCAL_RETRY,
});

/**
 * Delivery repeats until it is done or refused: the effects carry idempotency keys. It beats, so that an answer is not held back
 * for the whole time-out where its worker was killed.
 */
export const delivery = proxyActivities<Pick<RemoteSteps, 'deliver'>>({
  startToCloseTimeout: '60s',
  heartbeatTimeout: '15s',
  scheduleToCloseTimeout: '24h',
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '1m' },
});

/** A webhook is retried for a day; the answer is not held back for it. */
export const notification = proxyActivities<Pick<RemoteSteps, 'notify'>>({
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '24h',
  retry: { initialInterval: '1s', backoffCoefficient: 3, maximumInterval: '1h' },
});

/** Nothing can fail in it but the worker. A timer would do as well, and comes up to a second late. */
export const history = proxyActivities<Pick<RemoteSteps, 'reachHistory'>>({
  startToCloseTimeout: '5s',
  scheduleToCloseTimeout: '365 days',
  retry: LOCAL_RETRY,
  summary: 'has the history note what was done',
});

export function integrationOptions(integration: IntegrationPolicy): ActivityOptions {
  const attemptSeconds = integration.timeoutSeconds + 2;
  return {
    startToCloseTimeout: attemptSeconds * 1000,
    scheduleToCloseTimeout: (attemptSeconds + 2) * integration.maxAttempts * 1000,
    retry: {
      initialInterval: '200ms',
      backoffCoefficient: 2,
      maximumInterval: '2s',
      maximumAttempts: integration.maxAttempts,
    },
    summary: `reads ${integration.name}`,
  };
}

/** A model call has the queue of its provider, a bound per attempt and in total, and beats while it waits. */
export function modelCallOptions(route: RoutePolicy): ActivityOptions {
  const attemptSeconds = route.timeoutSeconds + 5;
  return {
    taskQueue: providerQueueOf(workflowInfo().taskQueue, route.provider),
    startToCloseTimeout: attemptSeconds * 1000,
    scheduleToCloseTimeout: (attemptSeconds + 60) * route.maxAttempts * 1000,
    heartbeatTimeout: '20s',
    retry: {
      initialInterval: '500ms',
      backoffCoefficient: 2,
      maximumInterval: '30s',
      maximumAttempts: route.maxAttempts,
    },
    summary: `asks ${route.provider} ${route.model}`,
  };
}

export const remote = {
  gather: (integration: IntegrationPolicy) =>
    proxyActivities<Pick<RemoteSteps, 'gather'>>(integrationOptions(integration)).gather,
  draft: (route: RoutePolicy) => proxyActivities<Pick<RemoteSteps, 'draft'>>(modelCallOptions(route)).draft,
};
