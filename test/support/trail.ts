import { type AuditEntry, readAudit } from '../../store/audit';
import type { TestBank } from './bank';

/** The audit trail of a task, from its first entry. */
export function trailOf({ dependencies, tenant }: TestBank, taskId: string): Promise<readonly AuditEntry[]> {
  return dependencies.store.inTenant(tenant, (tx) => readAudit(tx, taskId));
}

export async function kindsOf(bank: TestBank, taskId: string): Promise<readonly string[]> {
  return (await trailOf(bank, taskId)).map(({ kind }) => kind);
}
