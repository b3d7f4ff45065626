import { randomUUID } from 'node:crypto';
import { canonicalJson } from '../contracts/digest';
import { decide, mintDecisionToken } from '../contracts/http/decisions';
import { DECIDE_UPDATE } from '../contracts/words/review';
import type { DecisionRequest, RefusalDetails } from '../contracts/words/review';
import { HTTP_STATUS_OF_CODE, REFUSAL_CODES } from '../contracts/words/errorCodes';
import type { ErrorCode } from '../contracts/words/errorCodes';
import type { DecisionRecord } from '../contracts/words/task';
import { appendAudit } from '../store/audit';
import { readDecisionAnswer, recordDecisionAnswer } from '../store/decisions';
import type { DecisionAnswer } from '../store/decisions';
import { readTask } from '../store/tasks';
import type { TaskRow } from '../store/taskRow';
import { keepContent, requireDecidable } from './decisionContent';
import type { DecisionContent, Deciding } from './decisionContent';
import type { ApiDependencies } from './dependencies';
import { nowOf } from './dependencies';
import { idempotencyKeyOf } from './idempotencyKey';
import { ProblemError } from './problems';
import { draftUnderReview, readReviewed, requireReviewed } from './reviewReading';
import { mount } from './route';
import type { Call, Door } from './route';
import { readTaskAnswer } from './taskAnswer';
import { updateTask } from './updateTask';

const TOKEN_LIFETIME_MS = 60 * 60 * 1000;

export function mountDecisions(door: Door, dependencies: ApiDependencies): void {
  mount(door, decide, (call) => decideOnce(dependencies, call));
  mount(door, mintDecisionToken, (call) => mint(dependencies, call));
}

/** One decision under one Idempotency-Key: what was answered first is answered again. */
interface Keyed extends Deciding {
  readonly reviewId: string;
  /** The id of the Update, too. */
  readonly keyHash: string;
  readonly requestHash: string;
}

async function decideOnce(dependencies: ApiDependencies, call: Call<typeof decide>) {
  const { store } = dependencies;
  const { tenant } = call.caller;
  const { keyed, known } = await keyedOf(dependencies, call);
  const answer = known ?? (await firstAnswer(dependencies, keyed));
  if (answer.requestHash !== keyed.requestHash) throw new ProblemError('idempotency_key_reused');
  if (answer.code !== null) throw await refusal(dependencies, keyed, answer.code, answer.details);
  const { decision } = answer.details;
  if (decision === undefined) throw new Error(`the answer to decision ${keyed.keyHash} has no decision`);
  const task = await store.inTenant(tenant, async (tx) => {
    return readTaskAnswer(dependencies, tx, (await readTask(tx, keyed.row.id)) ?? keyed.row);
  });
  const headers = known === null ? {} : { 'Idempotent-Replayed': 'true' };
  return { status: 200 as const, headers, body: { decision: shownDecision(decision), task } };
}

/** The decision with its task, and what was answered under its key before, in one look. */
async function keyedOf(
  { keyring, store }: ApiDependencies,
  call: Call<typeof decide>,
): Promise<{ readonly keyed: Keyed; readonly known: DecisionAnswer | null }> {
  const { caller, body, params, json } = call;
  const { reviewId } = params;
  const key = idempotencyKeyOf(call.headers);
  // Two people may well use the same key, such as 1: each has keys of their own.
  const keyHash = keyring.blindIndex(caller.tenant, 'decision', `${caller.actor.id}\n${reviewId}\n${key}`);
  const requestHash = keyring.blindIndex(caller.tenant, 'decision body', canonicalJson(json));
  return store.inTenant(caller.tenant, async (tx) => {
    const row = await readReviewed(tx, reviewId);
    const known = await readDecisionAnswer(tx, { reviewId, keyHash });
    return { keyed: { caller, body, row, reviewId, keyHash, requestHash }, known };
  });
}

/** Decides, and keeps how that was answered. What is not known to have an answer (`unavailable`, `not_yet_decided`) is not kept. */
async function firstAnswer(dependencies: ApiDependencies, keyed: Keyed): Promise<DecisionAnswer> {
  try {
    requireDecidable(dependencies, keyed);
    const content = await keepContent(dependencies, keyed);
    const request = requestOf(keyed, content, keyed.keyHash);
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

function requestOf(
  { caller, body, reviewId }: Omit<Keyed, 'keyHash' | 'requestHash'>,
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
  };
}

/**
 * A decision that took effect before its answer was kept is found again by its id, in the workflow or in what that wrote. If it
 * says something else than is asked now, the key was used for another decision.
 */
async function update(dependencies: ApiDependencies, keyed: Keyed, request: DecisionRequest): Promise<DecisionRecord> {
  const { row, keyHash } = keyed;
  const asked = { row, update: DECIDE_UPDATE, request, updateId: keyHash, whenUnanswered: 'not_yet_decided' as const };
  const decision = await updateTask<DecisionRecord>(dependencies, keyed.caller.tenant, asked).catch((error: unknown) =>
    ownDecision(dependencies, keyed, error),
  );
  if (!isSameDecision(decision, request)) throw new ProblemError('idempotency_key_reused');
  return decision;
}

async function ownDecision(
  { store }: ApiDependencies,
  { caller, row, keyHash }: Keyed,
  refused: unknown,
): Promise<DecisionRecord> {
  if (!(refused instanceof ProblemError) || refused.code !== 'already_decided') throw refused;
  const after = await store.inTenant(caller.tenant, (tx) => readTask(tx, row.id));
  const own = after?.state?.review?.rounds.find((round) => round.decision?.id === keyHash)?.decision;
  if (!own) throw refused;
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
  { caller, row, reviewId, keyHash, requestHash, body }: Keyed,
  answer: Pick<DecisionAnswer, 'status' | 'code' | 'details'>,
): Promise<DecisionAnswer> {
  const at = nowOf({ clock });
  const { code } = answer;
  return store.inTenant(caller.tenant, async (tx) => {
    if (code !== null) {
      const facts = { code, action: body.action, digest: body.digest, surface: 'http' };
      const event = { key: `decision_refused/${keyHash}`, at, kind: 'decision_refused', actor: caller.actor.id, facts };
      await appendAudit(tx, { taskId: row.id, events: [event] });
    }
    return recordDecisionAnswer(tx, { reviewId, keyHash }, { ...answer, requestHash, at });
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
  }
  if (code !== 'stale_digest') return new ProblemError(code, { members: { ...details } });
  const draft = await draftUnderReview(dependencies, keyed.caller.tenant, keyed.row.id);
  return new ProblemError(code, { members: { ...details, draft } });
}

async function mint(dependencies: ApiDependencies, { caller, body, params }: Call<typeof mintDecisionToken>) {
  const { keyring, clock } = dependencies;
  const row = await requireReviewed(dependencies, caller.tenant, params.reviewId);
  if (row.status === 'completed') throw new ProblemError('task_ended', { members: { outcome: row.outcome } });
  const deciding = { caller, body, row, reviewId: params.reviewId };
  requireDecidable(dependencies, deciding);
  const content = await keepContent(dependencies, deciding);
  const request = { ...requestOf(deciding, content, randomUUID()), round: body.round ?? roundOf(row) };
  const expiresAt = new Date(clock().getTime() + TOKEN_LIFETIME_MS).toISOString();
  const token = keyring.sign(JSON.stringify({ v: 1, tenant: caller.tenant, taskId: row.id, request, expiresAt }));
  return { status: 201 as const, body: { token, expiresAt } };
}

function roundOf({ state }: TaskRow): number | null {
  return state?.review?.rounds.at(-1)?.round ?? null;
}

export function shownDecision(decision: DecisionRecord) {
  const { action, by, at, round, digest, permitDigest, reasonCode, correctionKind, humanSeconds, surface } = decision;
  return { action, by, at, round, digest, permitDigest, reasonCode, correctionKind, humanSeconds, surface };
}
