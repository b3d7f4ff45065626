import type { AuditEvent, TaskRef, TaskState } from '../contracts/words/task';
import { projectTask } from '../store/projectTask';
import type { StepDependencies } from './dependencies';

/** Writes the workflow's state to where it is asked for. Idempotent by revision and by the events' keys. */
export async function project(
  { store }: StepDependencies,
  ref: TaskRef,
  projection: { readonly state: TaskState; readonly events: readonly AuditEvent[] },
): Promise<void> {
  await store.inTenant(ref.tenant, (tx) => projectTask(tx, ref, projection));
}
