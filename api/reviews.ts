import { randomUUID } from 'node:crypto';
import { assignReview, claimReview, extendClaim, releaseReview } from '../contracts/http/claims';
import { getReview, listReviews, nextReview } from '../contracts/http/reviews';
import { ASSIGN_UPDATE, CLAIM_UPDATE, EXTEND_UPDATE, RELEASE_UPDATE } from '../contracts/words/review';
import type { AssignRequest, ClaimRequest, ClaimResult, ReleaseRequest } from '../contracts/words/review';
import { decidingRolesOf, scopesOfRoles } from '../contracts/words/roles';
import type { Scope } from '../contracts/words/vocabulary';
import { appendAudit } from '../store/audit';
import { readMember } from '../store/members';
import { listReviews as listRows, nextReviewCandidates, readReview, waitingGold } from '../store/reviews';
import type { NextReviews, ReviewFilter } from '../store/reviews';
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
import type { TaskUpdate } from './updateTask';

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

/** How often further candidates are read when none of the last could be had. */
const NEXT_ROUNDS = 3;
/** A review whose workflow does not answer must not keep people from the others, so they are not waited for as long as one alone. */
const CANDIDATE_DEADLINE_MS = 2_000;
const NEXT_DEADLINE_MS = 8_000;

/** Tries the most urgent reviews in turn until a workflow grants one: only it knows who was first. 503 where none of them answers. */
async function next(dependencies: ApiDependencies, { caller, body }: Call<typeof nextReview>) {
  const deadline = Date.now() + NEXT_DEADLINE_MS;
  const seen = { refused: 0, unanswered: 0 };
  const tried: string[] = [];
  for (let round = 0; round < NEXT_ROUNDS && Date.now() < deadline; round += 1) {
    const candidates = await readCandidates(dependencies, caller, { ...body, except: tried });
    if (candidates.length === 0) break;
    for (const reviewId of candidates) {
      const deadlineMs = Math.min(CANDIDATE_DEADLINE_MS, deadline - Date.now());
      if (deadlineMs <= 0) break;
      const result = await tryClaim(dependencies, caller, { reviewId, deadlineMs });
      if (result === 'granted')
        return { status: 200 as const, body: await readWhole(dependencies, caller, { reviewId, revealedBy: null }) };
      seen[result] += 1;
    }
    tried.push(...candidates);
  }
  if (seen.unanswered > 0 && seen.refused === 0) throw new ProblemError('unavailable');
  return { status: 204 as const };
}

/** Ids of what the caller could take next: gold that is meant for them first. */
function readCandidates(
  dependencies: ApiDependencies,
  { tenant, actor }: Caller,
  { queue, except }: { readonly queue?: string | undefined; readonly except: readonly string[] },
): Promise<readonly string[]> {
  const taker = { actor: actor.id, roles: decidingRolesOf(actor.scopes) };
  const request: NextReviews = { ...taker, except, now: nowOf(dependencies), ...(queue !== undefined && { queue }) };
  return dependencies.store.inTenant(tenant, async (tx) => {
    const rows = [...(await waitingGold(tx, request)), ...(await nextReviewCandidates(tx, request))];
    return [...new Set(rows.map(({ id }) => id))];
  });
}

/** Whatever one review's workflow refuses, or that it can't be asked, says nothing of the others. */
async function tryClaim(
  dependencies: ApiDependencies,
  caller: Caller,
  { reviewId, deadlineMs }: { readonly reviewId: string; readonly deadlineMs: number },
): Promise<'granted' | 'refused' | 'unanswered'> {
  try {
    await claim(dependencies, caller, { reviewId, leaseSeconds: null, update: CLAIM_UPDATE, deadlineMs });
    return 'granted';
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return error.code === 'unavailable' ? 'unanswered' : 'refused';
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

interface Claiming extends Pick<TaskUpdate, 'update' | 'deadlineMs'> {
  readonly reviewId: string;
  readonly leaseSeconds: number | null;
}

async function claim(
  dependencies: ApiDependencies,
  caller: Caller,
  { reviewId, leaseSeconds, ...asked }: Claiming,
): Promise<ClaimResult> {
  const row = await requireReviewed(dependencies, caller.tenant, reviewId);
  const request: ClaimRequest = { actor: caller.actor, leaseSeconds };
  return updateTask<ClaimResult>(dependencies, caller.tenant, { row, request, ...asked });
}

async function assign(dependencies: ApiDependencies, { caller, params, body }: Call<typeof assignReview>) {
  const row = await requireReviewed(dependencies, caller.tenant, params.reviewId);
  const { to } = body;
  const toScopes = await requireDecider(dependencies, caller.tenant, to);
  const request: AssignRequest = { actor: caller.actor, to, toScopes, leaseSeconds: body.leaseSeconds ?? null };
  const asked = { row, update: ASSIGN_UPDATE, request };
  const claimed = await updateTask<ClaimResult>(dependencies, caller.tenant, asked).catch((error: unknown) => {
    throw isOfTaker(error) ? new ProblemError(error.code, { ...error.particulars, detail: UNFIT_TAKER }) : error;
  });
  return { status: 200 as const, body: claimed };
}

const UNFIT_TAKER = 'Whoever `to` names may not decide on it. Nothing was changed: give it to another person.';

function isOfTaker(error: unknown): error is ProblemError {
  return error instanceof ProblemError && error.particulars.members?.['to'] !== undefined;
}

/** What the member may do. Throws `member_unknown` where there is no such member, or it may not decide. */
async function requireDecider(
  { store, keyring }: ApiDependencies,
  tenant: string,
  id: string,
): Promise<readonly Scope[]> {
  const member = await store.inTenant(tenant, (tx) => readMember(tx, keyring, id));
  const scopes = scopesOfRoles(member?.roles ?? []);
  if (!scopes.includes('reviews:decide') || member?.deactivatedAt !== null)
    throw new ProblemError('member_unknown', {
      detail: 'There is no such member who may decide. Nothing was changed.',
    });
  return scopes;
}

async function release(dependencies: ApiDependencies, { caller, params }: Call<typeof releaseReview>) {
  const row = await requireReviewed(dependencies, caller.tenant, params.reviewId);
  const request: ReleaseRequest = { actor: caller.actor };
  await updateTask<void>(dependencies, caller.tenant, { row, update: RELEASE_UPDATE, request });
  return { status: 200 as const, body: { id: params.reviewId, claim: null } };
}
