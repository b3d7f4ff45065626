import type { DecisionRequest } from '../contracts/words/review';
import type { VerifiedToken } from '../contracts/words/steps';
import type { TaskRef } from '../contracts/words/task';
import { scopesLeftOf } from '../store/memberStanding';
import type { StepDependencies } from './dependencies';

/** What a decision token carries: see `POST /v1/reviews/{id}/decision-tokens`. */
interface TokenPayload {
  readonly v: 1;
  readonly tenant: string;
  readonly taskId: string;
  readonly request: DecisionRequest;
  /** Of the API key that minted it; absent: it was minted in a session. */
  readonly keyId?: string;
  readonly expiresAt: string;
  /** Of tokens that are for something else. */
  readonly use?: string;
}

/** Whether the token was made by the API, for this task, and is still good; and what its actor may do at this time. */
export async function verifyDecisionToken(
  { store, keyring, clock }: StepDependencies,
  ref: TaskRef,
  token: string,
): Promise<VerifiedToken> {
  const verified = keyring.verify(token);
  if (!verified.isValid) return verified;
  const payload = JSON.parse(verified.payload) as TokenPayload;
  // Links of notifications are signed by the same key, and are no decision tokens.
  if (payload.use !== undefined) return { isValid: false, why: 'malformed' };
  if (payload.tenant !== ref.tenant || payload.taskId !== ref.taskId) return { isValid: false, why: 'other_task' };
  if (Date.parse(payload.expiresAt) <= clock().getTime()) return { isValid: false, why: 'expired' };
  const { request, tenant, keyId } = payload;
  const asked = { tenant, actorId: request.actor.id, scopes: request.actor.scopes, at: clock().toISOString() };
  const scopes = await store.asSystem((tx) => scopesLeftOf(tx, { ...asked, ...(keyId !== undefined && { keyId }) }));
  return { isValid: true, request: { ...request, actor: { ...request.actor, scopes } }, decidesOnce: true };
}
