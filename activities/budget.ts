import { randomUUID } from 'node:crypto';
import type { BudgetReached } from '../contracts/words/steps';
import type { TaskRef } from '../contracts/words/task';
import { reserveCall, settleCall } from '../store/budgets';
import type { ResolvedTask } from '../tasks/resolve';
import type { StepDependencies } from './dependencies';

/** A call that may be made. */
interface ReservedCall {
  /** Must be told what it did cost, where that is known. A call that nobody settles stays spent at its upper bound. */
  readonly settle: (costMicroUsd: number) => Promise<void>;
}

interface Asked {
  readonly ref: TaskRef;
  readonly taskType: ResolvedTask;
  readonly upperBoundMicroUsd: number;
}

/**
 * Reserves one model call on the budgets of its task and of its task type's day, in UTC, or gives the limit that stands against it. The
 * limits are those of the task type as it is deployed now, not those of the run's snapshot: whoever lowers one means the next call.
 */
export async function reserveModelCall(
  { store, clock }: StepDependencies,
  { ref, taskType, upperBoundMicroUsd }: Asked,
): Promise<ReservedCall | { readonly reached: BudgetReached }> {
  const id = randomUUID();
  const at = clock().toISOString();
  const task = { name: `task/${ref.taskId}`, limit: taskType.spending.perTask };
  const day = { name: `day/${ref.type}/${at.slice(0, 10)}`, limit: taskType.spending.perDay };
  const reservation = { id, taskId: ref.taskId, accounts: [task, day], upperBoundMicroUsd, at };
  const reached = await store.inTenant(ref.tenant, (tx) => reserveCall(tx, reservation));
  if (reached) {
    const { account, ...facts } = reached;
    return { reached: { per: account === task.name ? 'task' : 'day', ...facts } };
  }
  const settle = (costMicroUsd: number) =>
    store.inTenant(ref.tenant, (tx) => settleCall(tx, { id, costMicroUsd, at: clock().toISOString() }));
  return { settle };
}
