import type { PolicySnapshot } from '../../contracts/words/policy';
import { savePolicy } from '../../store/policies';
import type { ResolvedTask } from '../../tasks/resolve';
import type { TestBank } from './bank';

const REFUNDS = 'refund-decision';

/** Another version of refund-decision is deployed, under the policies that there are. Gives back the one before. */
export function redeploy({ dependencies }: TestBank, change: Partial<ResolvedTask>): ResolvedTask {
  // The same map that the workers of a test bank have.
  const taskTypes = dependencies.taskTypes as Map<string, ResolvedTask>;
  const before = taskTypes.get(REFUNDS);
  if (!before) throw new TypeError(`there is no task type ${REFUNDS}`);
  taskTypes.set(REFUNDS, { ...before, ...change });
  return before;
}

/** From now on refunds are accepted with another policy. Gives back the one before. */
export async function acceptUnder(
  { dependencies }: TestBank,
  change: (before: PolicySnapshot) => PolicySnapshot,
): Promise<PolicySnapshot> {
  const policies = dependencies.policies as Map<string, PolicySnapshot>;
  const before = policies.get(REFUNDS);
  if (!before) throw new TypeError(`there is no policy of ${REFUNDS}`);
  const snapshot = change(before);
  await dependencies.store.asSystem((tx) => savePolicy(tx, { snapshot, fallback: null }));
  policies.set(REFUNDS, snapshot);
  return before;
}
