import type { AuditEvent, TaskRef, TaskState } from '../contracts/words/task';
import { projectTask } from '../store/projectTask';
import { queueNotifications } from '../store/queueNotifications';
import type { StepDependencies } from './dependencies';

/** Writes the workflow's state to where it is asked for, and what members are to be told. Idempotent by revision and by the events' keys. */
export async function project(
  { store, tellingBy }: StepDependencies,
  ref: TaskRef,
  projection: { readonly state: TaskState; readonly events: readonly AuditEvent[] },
): Promise<void> {
  await store.inTenant(ref.tenant, async (tx) => {
    await projectTask(tx, ref, projection);
    if (tellingBy) await queueNotifications(tx, ref, { ...projection, by: tellingBy });
  });
}
