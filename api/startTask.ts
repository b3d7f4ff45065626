import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy, defineSearchAttributeKey } from '@temporalio/common';
import type { SearchAttributePair } from '@temporalio/common';
import { SEARCH_ATTRIBUTES, TASK_WORKFLOW_TYPE, workflowIdOf } from '../contracts/words/names';
import type { PolicySnapshot } from '../contracts/words/policy';
import type { TaskStart } from '../contracts/words/steps';
import { readGoldStart } from '../store/goldCases';
import { readPolicy } from '../store/policies';
import { markStarted } from '../store/tasks';
import type { TaskRow } from '../store/taskRow';
import type { ApiDependencies } from './dependencies';
import { nowOf } from './dependencies';

/** How long the start of a workflow may take before the sweeper is left to it. */
const START_DEADLINE_MS = 3_000;

/**
 * Starts the workflow of an accepted task. Idempotent: one workflow per task, however often it is called. That it runs is
 * noted by its first projection. Throws what the client throws when Temporal can't be reached.
 */
export async function startTask(dependencies: ApiDependencies, tenant: string, row: TaskRow): Promise<void> {
  // What its workflow has written proves that it was started, when the id may be forgotten already.
  if (row.revision === 0) await startWorkflow(dependencies, await startOf(dependencies, tenant, row));
}

/** The same, and notes it at once, so that a task whose worker is slow isn't started again and again. */
export async function startAndMark(dependencies: ApiDependencies, tenant: string, row: TaskRow): Promise<void> {
  await startTask(dependencies, tenant, row);
  await dependencies.store.inTenant(tenant, (tx) => markStarted(tx, { taskId: row.id, at: nowOf(dependencies) }));
}

async function startOf(dependencies: ApiDependencies, tenant: string, row: TaskRow): Promise<TaskStart> {
  const { type, typeVersion, submitter, isReviewRequired, hasCallback, createdAt, isGold } = row;
  const policy = await policyOf(dependencies, tenant, row);
  const task = {
    tenant,
    taskId: row.id,
    type,
    typeVersion,
    policy,
    submitter,
    isReviewRequired,
    hasCallback,
    createdAt,
    showsActsFromHistory: true as const,
  };
  if (!isGold) return task;
  return { ...task, gold: await dependencies.store.inTenant(tenant, (tx) => readGoldStart(tx, row.id)) };
}

/** The policy the task was accepted under, which may not be the one in force any more. */
async function policyOf({ policies, store }: ApiDependencies, tenant: string, row: TaskRow): Promise<PolicySnapshot> {
  const current = policies.get(row.type);
  if (current?.version === row.policyVersion) return current;
  const kept = await store.inTenant(tenant, (tx) => readPolicy(tx, row.policyVersion));
  if (kept === null) throw new Error(`the policy ${row.policyVersion} of task ${row.id} is not in the store`);
  return kept.snapshot;
}

async function startWorkflow({ client, config }: ApiDependencies, start: TaskStart): Promise<void> {
  const { tenant, taskId, type, typeVersion, policy } = start;
  const begin = () =>
    client.workflow.start(TASK_WORKFLOW_TYPE, {
      taskQueue: config.temporal.taskQueue,
      workflowId: workflowIdOf(tenant, taskId),
      args: [start],
      workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
      staticSummary: `${type} for ${tenant}`,
      staticDetails: `Task type \`${type}\` version ${typeVersion}, policy \`${policy.version}\`, queue \`${policy.review.queue}\`. Texts are in the store.`,
      typedSearchAttributes: searchAttributesOf(start),
    });
  try {
    await client.connection.withDeadline(Date.now() + START_DEADLINE_MS, begin);
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

function searchAttributesOf({ tenant, type, policy }: TaskStart): SearchAttributePair[] {
  const values = { type, tenant, status: 'running', queue: policy.review.queue };
  return Object.entries(values).map(([word, value]) => ({
    key: defineSearchAttributeKey(SEARCH_ATTRIBUTES[word as keyof typeof values], 'KEYWORD'),
    value,
  }));
}
