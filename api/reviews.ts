import { randomUUID } from 'node:crypto';
import { assignReview, claimReview, extendClaim, releaseReview } from '../contracts/http/claims';
import { getReview, listReviews, nextReview } from '../contracts/http/reviews';
import { ASSIGN_UPDATE, CLAIM_UPDATE, EXTEND_UPDATE, RELEASE_UPDATE } from '../contracts/words/review';
import type { AssignRequest, ClaimRequest, ClaimResult, ReleaseRequest } from '../contracts/words/review';
import { SCOPES_OF_ROLE } from '../contracts/words/roles';
import { appendAudit } from '../store/audit';
import { waitingGold } from '../store/goldCases';
import { readMember } from '../store/members';
import { listReviews as listRows, nextReviewCandidates, readReview } from '../store/reviews';
import type { ReviewFilter } from '../store/reviews';
import { readTask } from '../store/tasks';
import { readActorNames } from './actorNames';
import { authorize } from './authorize';
import type { Caller } from './caller';
import type { ApiDependencies } from './dependencies';
import { nowOf } from './dependencies';
import { ProblemError } from './problems';
import { readReviewAnswer, reviewRowAnswer } from './reviewAnswer';
import type { ReviewAnswer } from './reviewAnswer';
import { requireReviewed } from './reviewReading';
import { mount } from './route';
import type { Call, Door } from './route';
import { updateTask } from './updateTask';

export function mountReviews(door: Door, dependencies: ApiDependencies): void {
  mount(door, listReviews, (call) => list(dependencies, call));
  mount(door, nextReview, (call) => next(dependencies, call));
  mount(door, getReview, (call) => get(dependencies, call));
  mount(door, claimReview, async (call) => ({
    status: 200 as const,
    body: await hold(dependencies, call, CLAIM_UPDATE),
  }));
  mount(door, extendClaim, async (call) => ({
    status: 200 as const,
    body: await hold(dependencies, call, EXTEND_UPDATE),
  }));
  mount(door, assignReview, (call) => assign(dependencies, call));
  mount(door, releaseReview, (call) => release(dependencies, call));
}

async function list(dependencies: ApiDependencies, { caller, query }: Call<typeof listReviews>) {
  const { limit, cursor, sort } = query;
  const request = { ...filterOf(caller, query), limit, cursor, now: nowOf(dependencies), ...(sort && { sort }) };
  const { page, nameOf } = await dependencies.store.inTenant(caller.tenant, async (tx) => {
    const found = await listRows(tx, request);
    return {
      page: found,
      nameOf: await readActorNames(
        tx,
        found.items.map((row) => row.claimedBy),
      ),
    };
  });
  const items = page.items.map((row) => reviewRowAnswer(dependencies, row, nameOf));
  return { status: 200 as const, body: { items, nextCursor: page.nextCursor, counts: page.counts } };
}

function filterOf({ actor }: Caller, query: Call<typeof listReviews>['query']): ReviewFilter {
  const { status, queue, type, class: className, reason, assignee, overdue } = query;
  return {
    ...(status && { status }),
    ...(queue !== undefined && { queue }),
    ...(type !== undefined && { type }),
    ...(className !== undefined && { class: className }),
    ...(reason && { reason }),
    ...(assignee !== undefined && { assignee: assignee === 'me' ? actor.id : assignee }),
    ...(overdue !== undefined && { isOverdue: overdue === 'true' }),
  };
}

async function get(dependencies: ApiDependencies, { caller, params, query }: Call<typeof getReview>) {
  const isRevealed = query.reveal === 'true';
  if (isRevealed) authorize(caller, 'personal_data:read');
  const body = await readWhole(dependencies, caller, {
    reviewId: params.reviewId,
    revealedBy: isRevealed ? randomUUID() : null,
  });
  return { status: 200 as const, body };
}

/** `revealedBy`: an id of this look at personal data, ours alone, under which the audit trail notes it before anything is shown. */
async function readWhole(
  dependencies: ApiDependencies,
  caller: Caller,
  { reviewId, revealedBy }: { reviewId: string; revealedBy: string | null },
): Promise<ReviewAnswer> {
  const now = nowOf(dependencies);
  return dependencies.store.inTenant(caller.tenant, async (tx) => {
    const row = await readReview(tx, { reviewId, now });
    const task = row && (await readTask(tx, row.taskId));
    if (!row || !task?.state?.review) throw new ProblemError('review_unknown');
    if (revealedBy !== null) {
      const event = {
        key: `revealed/${revealedBy}`,
        at: now,
        kind: 'revealed',
        actor: caller.actor.id,
        facts: { reviewId },
      };
      await appendAudit(tx, { taskId: task.id, events: [event] });
    }
    const shown = { row, task, state: task.state, review: task.state.review, isRevealed: revealedBy !== null };
    return readReviewAnswer(dependencies, tx, shown);
  });
}

/** How often the candidates are read again when others were quicker with all of them. */
const NEXT_ROUNDS = 3;

/** Tries the most urgent reviews in turn until a workflow grants one: only it knows who was first. */
async function next(dependencies: ApiDependencies, { caller, body }: Call<typeof nextReview>) {
  const { store } = dependencies;
  for (let round = 0; round < NEXT_ROUNDS; round += 1) {
    const request = { now: nowOf(dependencies), ...(body.queue !== undefined && { queue: body.queue }) };
    const candidates = await store.inTenant(caller.tenant, async (tx) => {
      const meant = await waitingGold(tx, caller.actor.id);
      const inQueue = meant.filter(({ queue }) => body.queue === undefined || queue === body.queue);
      return [...inQueue, ...(await nextReviewCandidates(tx, request))];
    });
    if (candidates.length === 0) break;
    for (const { id } of candidates) {
      if (!(await isGranted(dependencies, caller, id))) continue;
      return { status: 200 as const, body: await readWhole(dependencies, caller, { reviewId: id, revealedBy: null }) };
    }
  }
  return { status: 204 as const };
}

async function isGranted(dependencies: ApiDependencies, caller: Caller, reviewId: string): Promise<boolean> {
  const lost: readonly string[] = ['claimed_by_other', 'already_decided', 'task_ended', 'role_required'];
  try {
    await claim(dependencies, caller, { reviewId, leaseSeconds: null, update: CLAIM_UPDATE });
    return true;
  } catch (error) {
    if (error instanceof ProblemError && lost.includes(error.code)) return false;
    throw error;
  }
}

async function hold(
  dependencies: ApiDependencies,
  { caller, params, body }: Call<typeof claimReview> | Call<typeof extendClaim>,
  update: string,
): Promise<ClaimResult> {
  const asked = { reviewId: params.reviewId, leaseSeconds: body.leaseSeconds ?? null, update };
  return claim(dependencies, caller, asked);
}

async function claim(
  dependencies: ApiDependencies,
  caller: Caller,
  { reviewId, leaseSeconds, update }: { reviewId: string; leaseSeconds: number | null; update: string },
): Promise<ClaimResult> {
  const row = await requireReviewed(dependencies, caller.tenant, reviewId);
  const request: ClaimRequest = { actor: caller.actor, leaseSeconds };
  return updateTask<ClaimResult>(dependencies, caller.tenant, { row, update, request });
}

async function assign(dependencies: ApiDependencies, { caller, params, body }: Call<typeof assignReview>) {
  const row = await requireReviewed(dependencies, caller.tenant, params.reviewId);
  const { to } = body;
  await requireDecider(dependencies, caller.tenant, to);
  const request: AssignRequest = { actor: caller.actor, to, leaseSeconds: body.leaseSeconds ?? null };
  const claimed = await updateTask<ClaimResult>(dependencies, caller.tenant, { row, update: ASSIGN_UPDATE, request });
  return { status: 200 as const, body: claimed };
}

/** Throws `member_unknown` where there is no such member, or it may not decide. */
async function requireDecider({ store, keyring }: ApiDependencies, tenant: string, id: string): Promise<void> {
  const member = await store.inTenant(tenant, (tx) => readMember(tx, keyring, id));
  const mayDecide = member?.roles.some((role) => SCOPES_OF_ROLE[role].includes('reviews:decide')) ?? false;
  if (!mayDecide || member?.deactivatedAt !== null)
    throw new ProblemError('member_unknown', {
      detail: 'There is no such member who may decide. Nothing was changed.',
    });
}

async function release(dependencies: ApiDependencies, { caller, params }: Call<typeof releaseReview>) {
  const row = await requireReviewed(dependencies, caller.tenant, params.reviewId);
  const request: ReleaseRequest = { actor: caller.actor };
  await updateTask<void>(dependencies, caller.tenant, { row, update: RELEASE_UPDATE, request });
  return { status: 200 as const, body: { id: params.reviewId, claim: null } };
}
