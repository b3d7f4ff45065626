import type { Keyring } from '../platform/encryption/keyring';
import type { AuditEvent, TaskRef, TaskState } from '../contracts/words/task';
import type { Outcome, Reason, Status } from '../contracts/words/vocabulary';
import type { TenantTx } from './store';
import type { Page, PageRequest } from './page';

export interface NewTask {
  /** From `keyring.taskId(tenant, idempotencyKey)`. */
  readonly taskId: string;
  readonly type: string;
  readonly typeVersion: number;
  readonly policyVersion: string;
  /** `keyring.blindIndex(tenant, 'body', canonicalJson(body))`: tells a reused Idempotency-Key, and nothing about the text. */
  readonly bodyHash: string;
  /** In clear; only their blind indexes are stored. The caller adds them to `texts` where they are to be shown. */
  readonly subject: string | null;
  readonly reference: string | null;
  /** 1 (most urgent) to 5. */
  readonly priority: number;
  readonly submitter: string;
  readonly isReviewRequired: boolean;
  readonly hasCallback: boolean;
  readonly createdAt: string;
  /** By name, in clear: encrypted under the subject's key. */
  readonly texts: Readonly<Record<string, string>>;
}

export interface TaskRow {
  readonly id: string;
  readonly type: string;
  readonly typeVersion: number;
  readonly policyVersion: string;
  readonly bodyHash: string;
  readonly priority: number;
  readonly submitter: string;
  readonly isReviewRequired: boolean;
  readonly hasCallback: boolean;
  readonly createdAt: string;
  /** Null until its workflow is known to be started. */
  readonly startedAt: string | null;
  readonly revision: number;
  readonly status: Status;
  readonly outcome: Outcome | null;
  readonly completedAt: string | null;
  /** Null until the first projection. */
  readonly state: TaskState | null;
}

export interface TaskFilter {
  readonly status?: readonly Status[];
  readonly type?: string;
  readonly class?: string;
  readonly outcome?: readonly Outcome[];
  readonly reason?: Reason;
  /** Blind indexes: `keyring.blindIndex(tenant, 'subject' | 'reference', value)`. */
  readonly subjectIndex?: string;
  readonly referenceIndex?: string;
  /** Of createdAt; from inclusive, to exclusive. */
  readonly from?: string;
  readonly to?: string;
}

/**
 * Stores a task and its texts in one go. A task with the same id is left as it is and given back with `isNew: false`; compare
 * `task.bodyHash` to tell a replay from a reused key.
 */
export declare function acceptTask(
  tx: TenantTx,
  keyring: Keyring,
  task: NewTask,
): Promise<{ readonly isNew: boolean; readonly task: TaskRow }>;

export declare function markStarted(tx: TenantTx, started: { readonly taskId: string; readonly at: string }): Promise<void>;

/** Tasks accepted before `acceptedBefore` whose workflow is not known to be started; oldest first, at most `limit` (default 100). */
export declare function unstartedTasks(
  tx: TenantTx,
  request: { readonly acceptedBefore: string; readonly limit?: number },
): Promise<readonly TaskRow[]>;

/**
 * Writes the workflow's state over the row, its review, and its audit trail. Idempotent: a revision that is not higher than the
 * stored one changes nothing, and an event whose key is in the trail is not added again.
 */
export declare function projectTask(
  tx: TenantTx,
  ref: TaskRef,
  projection: { readonly state: TaskState; readonly events: readonly AuditEvent[] },
): Promise<void>;

export declare function readTask(tx: TenantTx, taskId: string): Promise<TaskRow | null>;

/** Newest first. */
export declare function listTasks(tx: TenantTx, request: TaskFilter & PageRequest): Promise<Page<TaskRow>>;
