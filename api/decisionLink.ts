import { randomUUID } from 'node:crypto';
import express from 'express';
import type { Request, Response, Router } from 'express';
import { sha256Hex } from '../contracts/digest';
import { reviewParams } from '../contracts/http/fields';
import { type DecisionLink, readToken } from '../platform/notify/linkTokens';
import { appendAudit } from '../store/audit';
import type { TaskRow } from '../store/taskRow';
import type { Authenticate } from './authenticate';
import type { Caller } from './caller';
import { requireSameOrigin } from './csrf';
import { decideOnce } from './decideOnce';
import { confirmPage, decidedPage, refusedPage, type LinkRefusal } from './decisionLinkPages';
import type { ApiDependencies } from './dependencies';
import { nowOf } from './dependencies';
import { readLinkView } from './decisionLinkView';
import { callerOfMember } from './memberCaller';
import { sendPage } from './page';
import { ProblemError } from './problems';
import { readReviewed } from './reviewReading';

const MAX_TOKEN = 2_000;

/**
 * The page that a link in an e-mail leads to. A GET shows what would be decided and decides nothing, since programs that look at links
 * follow them; its button posts. What is posted is judged as on every other surface, by the workflow, with what the member's roles
 * give at that time.
 */
export function mountDecisionLinks(router: Router, dependencies: ApiDependencies, authenticate: Authenticate): void {
  router.get('/reviews/:reviewId/decide', async (request, response) => {
    const { token } = request.query;
    await showing(response, () => show(dependencies, response, linkOf(dependencies, request, token)));
  });
  const form = express.urlencoded({ extended: false, limit: '8kb' });
  router.post('/reviews/:reviewId/decide', form, async (request, response) => {
    await showing(response, () => decide({ dependencies, authenticate, request, response }));
  });
}

/** A person reads the answer: what went wrong is a page, too. */
async function showing(response: Response, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const { status, html } = refusedPage(error.code, error.particulars.members ?? {});
    sendPage(response, status, html);
  }
}

type LinkRead =
  | { readonly isGood: true; readonly link: DecisionLink; readonly token: string }
  | { readonly isGood: false; readonly why: LinkRefusal; readonly token: string; readonly tenant: string | null };

function linkOf({ keyring, clock }: ApiDependencies, request: Request, given: unknown): LinkRead {
  const token = typeof given === 'string' && given.length <= MAX_TOKEN ? given : '';
  const read = readToken(keyring, token, 'link');
  if (!read.isGenuine) return { isGood: false, why: 'link_forged', token, tenant: read.claimed };
  const { content: link } = read;
  const { tenant } = link;
  if (link.reviewId !== request.params['reviewId']) return { isGood: false, why: 'link_forged', token, tenant };
  const isExpired = Date.parse(link.expiresAt) <= clock().getTime();
  return isExpired ? { isGood: false, why: 'link_expired', token, tenant } : { isGood: true, link, token };
}

async function show(dependencies: ApiDependencies, response: Response, read: LinkRead): Promise<void> {
  if (!read.isGood) return refuse(response, read.why);
  const view = await readLinkView(dependencies, read.link);
  sendPage(response, 200, confirmPage(view, read));
}

interface Posted {
  readonly dependencies: ApiDependencies;
  readonly authenticate: Authenticate;
  readonly request: Request;
  readonly response: Response;
}

async function decide({ dependencies, authenticate, request, response }: Posted): Promise<void> {
  const { token, action, read: hasRead } = Object(request.body) as Record<string, unknown>;
  const link = linkOf(dependencies, request, token);
  const refused = async (why: LinkRefusal) => {
    await record(dependencies, request, { link, why });
    refuse(response, why);
  };
  if (!isOfThisSite(dependencies, request)) return refused('link_from_elsewhere');
  if (!link.isGood) return refused(link.why);
  if (action !== 'approve' && action !== 'decline') return refused('link_unclear');
  if (action === 'approve' && hasRead !== 'yes') return refused('link_unread');
  const caller = await personOf(dependencies, authenticate, { request, link: link.link });
  if (caller === null) return refused('link_of_another');
  const decided = await decideBy(dependencies, { caller, link: link.link, token: link.token, action }).catch(
    async (error: unknown) => {
      if (!(error instanceof ProblemError) || error.code !== 'idempotency_key_reused') throw error;
      return null;
    },
  );
  if (decided === null) return refused('link_used');
  sendPage(response, 200, decidedPage(decided.decision));
}

function isOfThisSite({ config }: ApiDependencies, request: Request): boolean {
  try {
    requireSameOrigin(request, config.http.publicUrl);
    return true;
  } catch {
    return false;
  }
}

/** The member of the link; null where they are no longer active, or where somebody else is signed in. */
async function personOf(
  dependencies: ApiDependencies,
  authenticate: Authenticate,
  { request, link }: { readonly request: Request; readonly link: DecisionLink },
): Promise<Caller | null> {
  const signedIn = await authenticate(request).catch(() => null);
  if (signedIn !== null && signedIn.actor.id !== link.memberId) return null;
  return callerOfMember(dependencies, link);
}

/**
 * A link is its own idempotency key: it decides once, and whatever it is asked after that answers the same, or that it was used. A
 * refusal does not use it up.
 */
function decideBy(
  dependencies: ApiDependencies,
  { caller, link, token, action }: { caller: Caller; link: DecisionLink; token: string; action: 'approve' | 'decline' },
) {
  const { reviewId, digest, round } = link;
  const body = { action, digest, round };
  const key = `link ${sha256Hex(token)}`;
  return decideOnce(dependencies, { caller, reviewId, body, json: body, key, surface: 'link' });
}

/**
 * Notes what the workflow never hears of. What a forged link says is not believed, but for the tenant to look for the review in: its
 * id can't be guessed. What is not ours is noted once, however often it is sent.
 */
async function record(
  { store, clock }: ApiDependencies,
  request: Request,
  { link, why }: { readonly link: LinkRead; readonly why: LinkRefusal },
): Promise<void> {
  const tenant = link.isGood ? link.link.tenant : link.tenant;
  const named = reviewParams.safeParse(request.params);
  if (tenant === null || !named.success) return;
  const actor = link.isGood ? link.link.memberId : 'unknown';
  const once = link.isGood ? randomUUID() : sha256Hex(`${why}\n${link.token}`);
  const key = `decision_refused/link/${once}`;
  await store.inTenant(tenant, async (tx) => {
    const row: TaskRow | null = await readReviewed(tx, named.data.reviewId).catch(() => null);
    if (row === null) return;
    const facts = { code: why, surface: 'link' };
    const event = { key, at: nowOf({ clock }), kind: 'decision_refused', actor, facts };
    await appendAudit(tx, { taskId: row.id, events: [event] });
  });
}

function refuse(response: Response, why: LinkRefusal): void {
  const { status, html } = refusedPage(why, {});
  sendPage(response, status, html);
}
