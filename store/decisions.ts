import type { ErrorCode } from '../contracts/words/errorCodes';
import type { RefusalDetails } from '../contracts/words/review';
import type { DecisionRecord } from '../contracts/words/task';
import type { TenantTx } from './store';

/** The first answer that a decision got. Closed words, ids and references only. */
export interface DecisionAnswer {
  /** Keyed hash of the request's body; another one under the same key is a reused key. */
  readonly requestHash: string;
  /** Of HTTP. */
  readonly status: number;
  /** Null where it was accepted. */
  readonly code: ErrorCode | null;
  readonly details: { readonly decision?: DecisionRecord } & RefusalDetails;
  readonly at: string;
}

export interface DecisionKey {
  readonly reviewId: string;
  /** The Idempotency-Key's keyed hash, the id of the Update. */
  readonly keyHash: string;
}

export async function readDecisionAnswer(tx: TenantTx, key: DecisionKey): Promise<DecisionAnswer | null> {
  const row = await tx.db
    .selectFrom('decisionAnswers')
    .select(['requestHash', 'status', 'code', 'details', 'at'])
    .where('tenant', '=', tx.tenant)
    .where('reviewId', '=', key.reviewId)
    .where('keyHash', '=', key.keyHash)
    .executeTakeFirst();
  return row ?? null;
}

/** Keeps the answer unless there is one; gives back the one that is kept. */
export async function recordDecisionAnswer(
  tx: TenantTx,
  key: DecisionKey,
  answer: DecisionAnswer,
): Promise<DecisionAnswer> {
  const { reviewId, keyHash } = key;
  const { requestHash, status, code, at } = answer;
  const kept = await tx.db
    .insertInto('decisionAnswers')
    .values({
      ...{ tenant: tx.tenant, reviewId, keyHash, requestHash, status, code, at },
      details: JSON.stringify(answer.details),
    })
    .onConflict((conflict) => conflict.columns(['tenant', 'reviewId', 'keyHash']).doNothing())
    .returning('at')
    .executeTakeFirst();
  if (kept !== undefined) return answer;
  const first = await readDecisionAnswer(tx, key);
  if (first === null) throw new Error(`the answer to a decision on ${reviewId} is neither new nor there`);
  return first;
}
