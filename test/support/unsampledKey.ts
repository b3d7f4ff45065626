import { newKey } from '../api/testApi';
import type { TestBank } from './bank';

/** Above the audit rates that tests grant with. */
const HIGHEST_AUDIT_RATE = 0.05;

/** An Idempotency-Key whose task the audit lottery does not draw, so that what is granted runs alone. */
export function unsampledKey({ dependencies, tenant }: Pick<TestBank, 'dependencies' | 'tenant'>): string {
  const { keyring } = dependencies;
  for (;;) {
    const key = newKey();
    if (keyring.lottery(tenant, keyring.taskId(tenant, key)) >= HIGHEST_AUDIT_RATE) return key;
  }
}
