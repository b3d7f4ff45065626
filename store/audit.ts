import type { AuditEvent } from '../contracts/words/task';
import type { TenantTx } from './store';

/** An event in the chain of its task: `hash` is the SHA-256 of the canonical JSON of everything but itself. */
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

/** Adds entries that the workflow doesn't make, such as refused decisions and reveals. An event whose key is there is not added again. */
export declare function appendAudit(
  tx: TenantTx,
  append: { readonly taskId: string; readonly events: readonly AuditEvent[] },
): Promise<void>;

export declare function readAudit(tx: TenantTx, taskId: string): Promise<readonly AuditEntry[]>;

export declare function genesisHash(tenant: string, taskId: string): string;

export declare function verifyChain(
  entries: readonly AuditEntry[],
  of: { readonly tenant: string; readonly taskId: string },
): ChainVerdict;
