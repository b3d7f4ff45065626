import { randomUUID } from 'node:crypto';
import { decide, decideInBulk, mintDecisionToken, undoDecision } from '../contracts/http/decisions';
import { UNDO_UPDATE } from '../contracts/words/review';
import type { UndoRequest } from '../contracts/words/review';
import type { DecisionRecord } from '../contracts/words/task';
import type { TaskRow } from '../store/taskRow';
import { decideOnce, requestOf } from './decideOnce';
import { decideEach } from './decideInBulk';
import { keepContent, requireDecidable } from './decisionContent';
import type { ApiDependencies } from './dependencies';
import { toldIdempotencyKey } from './idempotencyKey';
import { ProblemError } from './problems';
import { requireReviewed } from './reviewReading';
import { mount } from './route';
import type { Call, Door } from './route';
import { shownDecision } from './shownDecision';
import { requireTaskAnswer } from './taskAnswer';
import { updateTask } from './updateTask';

const TOKEN_LIFETIME_MS = 60 * 60 * 1000;

export function mountDecisions(door: Door, dependencies: ApiDependencies): void {
  mount(door, decideInBulk, async (call) => ({ status: 200 as const, body: await decideEach(dependencies, call) }));
  mount(door, decide, (call) => decideOne(dependencies, call));
  mount(door, undoDecision, (call) => undo(dependencies, call));
  mount(door, mintDecisionToken, (call) => mint(dependencies, call));
}

async function decideOne(dependencies: ApiDependencies, call: Call<typeof decide>) {
  const { caller, body, json } = call;
  const { reviewId } = call.params;
  const making = { caller, body, json, reviewId, key: toldIdempotencyKey(call), surface: 'http' as const };
  const { decision, taskId, isReplayed } = await decideOnce(dependencies, making);
  const task = await requireTaskAnswer(dependencies, caller.tenant, taskId);
  const headers: Record<string, string> = isReplayed ? { 'Idempotent-Replayed': 'true' } : {};
  return { status: 200 as const, headers, body: { decision: shownDecision(decision), task } };
}

async function undo(dependencies: ApiDependencies, { caller, params }: Call<typeof undoDecision>) {
  const row = await requireReviewed(dependencies, caller.tenant, params.reviewId);
  const request: UndoRequest = { actor: caller.actor };
  const undone = await updateTask<DecisionRecord>(dependencies, caller.tenant, { row, update: UNDO_UPDATE, request });
  const task = await requireTaskAnswer(dependencies, caller.tenant, row.id);
  return { status: 200 as const, body: { undone: shownDecision(undone), task } };
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
  const { tenant, keyId } = caller;
  const token = keyring.sign(JSON.stringify({ v: 1, tenant, keyId, taskId: row.id, request, expiresAt }));
  return { status: 201 as const, body: { token, expiresAt } };
}

function roundOf({ state }: TaskRow): number | null {
  return state?.review?.rounds.at(-1)?.round ?? null;
}
