import { randomUUID } from 'node:crypto';
import type { DecisionBody } from '../contracts/http/decisions';
import { everyDecision } from '../contracts/words/quorum';
import { DECIDE_UPDATE } from '../contracts/words/review';
import type { DecisionRequest, RefusalDetails } from '../contracts/words/review';
import { HTTP_STATUS_OF_CODE, REFUSAL_CODES } from '../contracts/words/errorCodes';
import type { ErrorCode } from '../contracts/words/errorCodes';
import type { DecisionRecord, ReviewState } from '../contracts/words/task';
import type { Surface } from '../contracts/words/vocabulary';
import { appendAudit } from '../store/audit';
import { readDecisionAnswer, recordDecisionAnswer } from '../store/decisions';
import type { DecisionAnswer } from '../store/decisions';
import { readTask } from '../store/tasks';
import { canonicalBody } from './canonicalBody';
import type { Caller } from './caller';
import { decidedByItems, keepContent, requireDecidable } from './decisionContent';
import type { DecisionContent, Deciding } from './decisionContent';
import type { ApiDependencies } from './dependencies';
import { nowOf } from './dependencies';
import { ProblemError } from './problems';
import { offerGold } from './offerGold';
import type { Decider } from './offerGold';
import { draftUnderReview, readReviewed } from './reviewReading';
import { updateTask } from './updateTask';

/** A decision as it comes in by any door. */
export interface DecisionToMake {
  readonly caller: Caller;
  readonly reviewId: string;
  readonly body: DecisionBody;
  /** The body as it was sent: the same key with another one is refused. */
  readonly json: unknown;
  /** The Idempotency-Key. */
  readonly key: string;
  readonly surface: Surface;
}

export interface Decided {
  readonly taskId: string;
  readonly decision: DecisionRecord;
  /** Whether it was answered under this key before. */
  readonly isReplayed: boolean;
}

/** One decision under one Idempotency-Key: what was answered first is answered again. */
interface Keyed extends Deciding {
  readonly reviewId: string;
  readonly surface: Surface;
  /** The id of the Update, too. */
  readonly keyHash: string;
  readonly requestHash: string;
}

/**
 * Decides, for every door of the API: the workflow judges, and the first answer under a key, a refusal too, is kept and given again.
 * Of a link only a decision is: it is the one key for its draft, and what refuses it now may have passed the next time.
 * Throws the ProblemErrors that `decide` declares.
 */
export async function decideOnce(dependencies: ApiDependencies, making: DecisionToMake): Promise<Decided> {
  const { keyed, known } = await keyedOf(dependencies, making);
  const answer = known ?? (await firstAnswer(dependencies, keyed));
  if (answer.requestHash !== keyed.requestHash) throw new ProblemError('idempotency_key_reused');
  if (answer.code !== null) throw await refusal(dependencies, keyed, answer.code, answer.details);
  const { decision } = answer.details;
  if (decision === undefined) throw new Error(`the answer to decision ${keyed.keyHash} has no decision`);
  if (known === null) void offerGold(dependencies, deciderOf(keyed));
  return { taskId: keyed.row.id, decision, isReplayed: known !== null };
}

function deciderOf({ caller, row }: Keyed): Decider {
  return { tenant: caller.tenant, actor: caller.actor.id, type: row.type };
}

/** The decision with its task, and what was answered under its key before, in one look. */
async function keyedOf(
  { keyring, store }: ApiDependencies,
  { caller, reviewId, body, json, key, surface }: DecisionToMake,
): Promise<{ readonly keyed: Keyed; readonly known: DecisionAnswer | null }> {
  // Two people may well use the same key, such as 1: each has keys of their own.
  const keyHash = keyring.blindIndex(caller.tenant, 'decision', `${caller.actor.id}\n${reviewId}\n${key}`);
  const requestHash = keyring.blindIndex(caller.tenant, 'decision body', canonicalBody(json));
  return store.inTenant(caller.tenant, async (tx) => {
    const row = await readReviewed(tx, reviewId);
    const known = await readDecisionAnswer(tx, { reviewId, keyHash });
    return { keyed: { caller, body, row, reviewId, surface, keyHash, requestHash }, known };
  });
}

/** Decides, and keeps how that was answered. What is not known to have an answer (`unavailable`, `not_yet_decided`) is not kept. */
async function firstAnswer(dependencies: ApiDependencies, keyed: Keyed): Promise<DecisionAnswer> {
  try {
    requireDecidable(dependencies, keyed);
    const content = await keepContent(dependencies, keyed);
    const request = { ...requestOf(keyed, content, keyed.keyHash), surface: keyed.surface };
    const decision = await update(dependencies, keyed, request);
    return await keep(dependencies, keyed, { status: 200, code: null, details: { decision } });
  } catch (error) {
    if (!(error instanceof ProblemError) || !isFinal(error.code)) throw error;
    const details = (error.particulars.members ?? {}) as RefusalDetails;
    return keep(dependencies, keyed, { status: HTTP_STATUS_OF_CODE[error.code], code: error.code, details });
  }
}

function isFinal(code: ErrorCode): boolean {
  return code === 'input_invalid' || (REFUSAL_CODES as readonly ErrorCode[]).includes(code);
}

/** What the workflow is asked: references, digests and closed words. */
export function requestOf(
  { caller, body, reviewId }: Deciding & { readonly reviewId: string },
  content: DecisionContent,
  id: string,
): DecisionRequest {
  const correctionKind = body.action === 'correct' ? (body.correctionKind ?? 'substance') : null;
  return {
    id,
    actor: caller.actor,
    action: body.action,
    reviewId,
    round: body.round ?? null,
    digest: body.digest,
    ...content,
    reasonCode: body.reasonCode ?? null,
    correctionKind,
    ...(body.items && { items: body.items.map(({ index, action }) => ({ index, action })) }),
  };
}

/**
 * A decision that took effect before its answer was kept is found again by its id, in the workflow or in what that wrote. If it
 * says something else than is asked now, the key was used for another decision.
 */
async function update(dependencies: ApiDependencies, keyed: Keyed, request: DecisionRequest): Promise<DecisionRecord> {
  const { row, keyHash } = keyed;
  const updateId = updateIdOf(keyed);
  const asked = { row, update: DECIDE_UPDATE, request, updateId, whenUnanswered: 'not_yet_decided' as const };
  const ask = () =>
    updateTask<DecisionRecord>(dependencies, keyed.caller.tenant, asked).catch((error: unknown) =>
      ownDecision(dependencies, keyed, error),
    );
  const before = updateId === keyHash ? null : decisionBy(keyHash, row.state?.review ?? null);
  const decision = before ?? (await ask());
  if (!isSameDecision(decision, request)) throw new ProblemError('idempotency_key_reused');
  return decision;
}

/**
 * The same Update has the same outcome, a refusal too, for as long as its workflow runs. So a link, whose refusals are not kept, asks
 * by another one once the review has changed.
 */
function updateIdOf({ surface, keyHash, row }: Keyed): string {
  return surface === 'link' ? `${keyHash}.${row.revision}` : keyHash;
}

function decisionBy(id: string, review: ReviewState | null): DecisionRecord | null {
  return everyDecision(review).find((each) => each.id === id) ?? null;
}

async function ownDecision(
  { store }: ApiDependencies,
  { caller, row, keyHash }: Keyed,
  refused: unknown,
): Promise<DecisionRecord> {
  if (!(refused instanceof ProblemError) || !isFinal(refused.code)) throw refused;
  const after = await store.inTenant(caller.tenant, (tx) => readTask(tx, row.id));
  const own = decisionBy(keyHash, after?.state?.review ?? null);
  if (own === null) throw refused;
  return own;
}

function isSameDecision(decision: DecisionRecord, request: DecisionRequest): boolean {
  const { action, digest, guidance, note, reasonCode, correctionKind } = request;
  const output = request.output?.text ?? null;
  const asked = { action, digest, output, guidance, note, reasonCode, correctionKind };
  return Object.entries(asked).every(([name, value]) => decision[name as keyof typeof asked] === value);
}

async function keep(
  { store, clock }: ApiDependencies,
  { caller, row, reviewId, keyHash, requestHash, body, surface }: Keyed,
  answer: Pick<DecisionAnswer, 'status' | 'code' | 'details'>,
): Promise<DecisionAnswer> {
  const at = nowOf({ clock });
  const { code } = answer;
  const first = { ...answer, requestHash, at };
  const isKept = code === null || surface !== 'link';
  return store.inTenant(caller.tenant, async (tx) => {
    if (code !== null) {
      const facts = { code, action: body.action, digest: body.digest, surface };
      const key = `decision_refused/${isKept ? keyHash : randomUUID()}`;
      const event = { key, at, kind: 'decision_refused', actor: caller.actor.id, facts };
      await appendAudit(tx, { taskId: row.id, events: [event] });
    }
    return isKept ? recordDecisionAnswer(tx, { reviewId, keyHash }, first) : first;
  });
}

/** The refusal as it is told: with what is wrong where that can be said again, and with the newer draft where there is one. */
async function refusal(
  dependencies: ApiDependencies,
  keyed: Keyed,
  code: ErrorCode,
  details: RefusalDetails,
): Promise<ProblemError> {
  if (code === 'output_invalid' || code === 'guidance_required' || code === 'input_invalid') {
    requireDecidable(dependencies, keyed);
    await decidedByItems(dependencies, keyed);
  }
  if (code !== 'stale_digest') return new ProblemError(code, { members: { ...details } });
  const draft = await draftUnderReview(dependencies, keyed.caller.tenant, keyed.row.id);
  return new ProblemError(code, { members: { ...details, draft } });
}
