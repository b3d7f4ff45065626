import type { TaskRow } from '../store/taskRow';
import { readTask } from '../store/tasks';
import type { ApiDependencies } from './dependencies';
import { ProblemError } from './problems';

/** Throws `task_unknown`. */
export async function requireTask({ store }: ApiDependencies, tenant: string, taskId: string): Promise<TaskRow> {
  const row = await store.inTenant(tenant, (tx) => readTask(tx, taskId));
  if (row === null) throw new ProblemError('task_unknown');
  return row;
}
