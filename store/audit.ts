import { sql } from 'kysely';
import { canonicalJson, sha256Hex } from '../contracts/digest';
import type { AuditEvent } from '../contracts/words/task';
import type { TenantTx } from './store';

/** An event in the chain of its task. `hash` is the SHA-256 of the canonical JSON (RFC 8785) of everything but itself. */
export interface AuditEntry extends AuditEvent {
  /** 1 for the first entry of the task. */
  readonly seq: number;
  /** The hash of the entry before; of the first, `genesisHash(tenant, taskId)`. */
  readonly prevHash: string;
  readonly hash: string;
}

export type ChainVerdict =
  | { readonly isIntact: true; readonly entries: number; readonly head: string }
  | { readonly isIntact: false; readonly brokenAtSeq: number; readonly why: 'gap' | 'changed' | 'unlinked' };

/**
 * Adds events to the chain of a task. For those that the workflow doesn't make, such as refused decisions and reveals; its own come
 * by `projectTask`. An event whose key is there is not added again. Throws where the tenant has no such task.
 */
export async function appendAudit(
  tx: TenantTx,
  append: { readonly taskId: string; readonly events: readonly AuditEvent[] },
): Promise<void> {
  if (append.events.length === 0) return;
  const events = append.events.map(toAppend);
  await sql`select append_audit(${tx.tenant}, ${append.taskId}, ${JSON.stringify(events)}::jsonb)`.execute(tx.db);
}

/** The database hashes, under the task's lock: of the canonical JSON it gets all but what comes last, prevHash and seq. */
function toAppend(event: AuditEvent): AuditEvent & { readonly canonical: string } {
  const { key, kind, actor, facts } = event;
  const members = { key, kind, actor, facts, at: new Date(event.at).toISOString() };
  return { ...members, canonical: canonicalJson(members).slice(0, -1) };
}

/** The chain of a task, from its first entry; with a kind only the entries of that, which are no chain. */
export async function readAudit(
  tx: TenantTx,
  taskId: string,
  { kind }: { readonly kind?: string } = {},
): Promise<readonly AuditEntry[]> {
  return tx.db
    .selectFrom('auditEntries')
    .select(['seq', 'sourceKey as key', 'at', 'kind', 'actor', 'facts', 'prevHash', 'hash'])
    .where('tenant', '=', tx.tenant)
    .where('taskId', '=', taskId)
    .$if(kind !== undefined, (query) => query.where('kind', '=', String(kind)))
    .orderBy('seq')
    .execute();
}

/** What the first entry of a task is chained to, so that a chain can't be given out as another task's. */
export function genesisHash(tenant: string, taskId: string): string {
  return sha256Hex(`${tenant}/${taskId}`);
}

/** Recomputes a chain. That entries at its end are missing only shows by comparing `head` with one that was noted before. */
export function verifyChain(
  entries: readonly AuditEntry[],
  of: { readonly tenant: string; readonly taskId: string },
): ChainVerdict {
  let head = genesisHash(of.tenant, of.taskId);
  for (const [i, entry] of entries.entries()) {
    const { hash, ...members } = entry;
    if (entry.seq !== i + 1) return { isIntact: false, brokenAtSeq: i + 1, why: 'gap' };
    if (entry.prevHash !== head) return { isIntact: false, brokenAtSeq: entry.seq, why: 'unlinked' };
    if (sha256Hex(canonicalJson(members)) !== hash) return { isIntact: false, brokenAtSeq: entry.seq, why: 'changed' };
    head = hash;
  }
  return { isIntact: true, entries: entries.length, head };
}
