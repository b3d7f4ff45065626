import type { ErrorCode } from '../contracts/words/errorCodes';
import type { RefusalDetails } from '../contracts/words/review';
import type { DecisionRecord } from '../contracts/words/task';
import type { TenantTx } from './store';

/** The first answer that a decision got. Closed words, ids and references only. */
export interface DecisionAnswer {
  /** Keyed hash of the request's body; another one under the same key is a reused key. */
  readonly requestHash: string;
  readonly status: number;
  /** Null where it was accepted. */
  readonly code: ErrorCode | null;
  readonly details: { readonly decision?: DecisionRecord } & RefusalDetails;
  readonly at: string;
}

/** `keyHash`: the Idempotency-Key's keyed hash, the id of the Update. */
export declare function readDecisionAnswer(
  tx: TenantTx,
  request: { readonly reviewId: string; readonly keyHash: string },
): Promise<DecisionAnswer | null>;

/** Keeps the answer unless there is one; gives back the one that is kept. */
export declare function recordDecisionAnswer(
  tx: TenantTx,
  record: DecisionAnswer & { readonly reviewId: string; readonly keyHash: string },
): Promise<DecisionAnswer>;
