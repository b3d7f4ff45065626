import type { AnswerOf } from '../contracts/http/operation';
import { getTaskType, listTaskTypes } from '../contracts/http/taskTypes';
import type { taskType as taskTypeSchema, taskTypeSummary } from '../contracts/http/taskTypes';
import { readStanding } from '../store/standing';
import type { ResolvedTask } from '../tasks/resolve';
import type { ApiDependencies } from './dependencies';
import { ProblemError } from './problems';
import { mount } from './route';
import type { Call, Door } from './route';

export function mountTaskTypes(door: Door, dependencies: ApiDependencies): void {
  const items = [...dependencies.taskTypes.values()].map(summaryOf);
  mount(door, listTaskTypes, () => Promise.resolve({ status: 200, body: { items } }));
  mount(door, getTaskType, async (call) => ({ status: 200 as const, body: await detail(dependencies, call) }));
}

function summaryOf({
  name,
  version,
  title,
  description,
  classNames,
  requirements,
}: ResolvedTask): AnswerOf<typeof taskTypeSummary> {
  return { name, version, title, description, classes: classNames, requirements };
}

async function detail(
  { taskTypes, policies, store }: ApiDependencies,
  { caller, params }: Call<typeof getTaskType>,
): Promise<AnswerOf<typeof taskTypeSchema>> {
  const taskType = taskTypes.get(params.name);
  const policy = policies.get(params.name);
  if (taskType === undefined || policy === undefined) throw new ProblemError('task_type_unknown');
  const standing = await store.inTenant(caller.tenant, (tx) => readStanding(tx, taskType.name));
  return {
    ...summaryOf(taskType),
    policyVersion: policy.version,
    maxInputBytes: taskType.maxInputBytes,
    languages: taskType.languages,
    inputSchema: taskType.inputSchema,
    outputSchema: taskType.outputSchema,
    review: { queue: policy.review.queue, onTimeout: policy.review.onTimeout.kind },
    standing: { grants: policy.autonomy.grants, ...standing },
  };
}
