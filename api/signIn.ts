import express from 'express';
import type { Request, Response, Router } from 'express';
import { createSignInToken, endSession, redeemSignInToken } from '../store/sessions';
import { SESSION_COOKIE, cookieOf } from './authenticate';
import { requireSameOrigin } from './csrf';
import type { ApiDependencies } from './dependencies';
import { escapeHtml, pageOf, sendPage } from './page';
import { ProblemError } from './problems';

const LINK_LIFETIME_MS = 60 * 60 * 1000;
const SESSION_LIFETIME_MS = 12 * 60 * 60 * 1000;

export interface SignInLink {
  /** Below the address of the API. */
  readonly path: string;
  readonly expiresAt: string;
}

/** Makes a link that signs a member in, once, within an hour, from this machine only. */
export async function createSignInLink(
  { store, clock }: Pick<ApiDependencies, 'store' | 'clock'>,
  { tenant, memberId }: { readonly tenant: string; readonly memberId: string },
): Promise<SignInLink> {
  const now = clock();
  const expiresAt = new Date(now.getTime() + LINK_LIFETIME_MS).toISOString();
  const request = { memberId, at: now.toISOString(), expiresAt };
  const { token } = await store.inTenant(tenant, (tx) => createSignInToken(tx, request));
  return { path: `/sign-in?token=${encodeURIComponent(token)}`, expiresAt };
}

/** A GET changes nothing, since programs that look at links follow them: the link is spent by the button on its page. */
export function mountSignIn(router: Router, dependencies: ApiDependencies): void {
  const { publicUrl } = dependencies.config.http;
  router.get('/sign-in', (request, response) => {
    requireLoopback(request);
    const { token } = request.query;
    sendPage(response, 200, signInPage(typeof token === 'string' ? token : ''));
  });
  router.post('/sign-in', express.urlencoded({ extended: false, limit: '4kb' }), async (request, response) => {
    requireLoopback(request);
    requireSameOrigin(request, publicUrl);
    await signIn(dependencies, request, response);
  });
  router.post('/sign-out', async (request, response) => {
    requireSameOrigin(request, publicUrl);
    const cookie = cookieOf(request, SESSION_COOKIE);
    if (cookie !== null) await dependencies.store.asSystem((tx) => endSession(tx, cookie));
    response.clearCookie(SESSION_COOKIE, { path: '/' }).status(204).end();
  });
}

async function signIn({ store, clock, config }: ApiDependencies, request: Request, response: Response): Promise<void> {
  const { token } = Object(request.body) as { token?: unknown };
  const now = clock();
  const expires = new Date(now.getTime() + SESSION_LIFETIME_MS);
  const redemption = {
    token: typeof token === 'string' ? token : '',
    at: now.toISOString(),
    sessionExpiresAt: expires.toISOString(),
  };
  const opened = await store.asSystem((tx) => redeemSignInToken(tx, redemption));
  if (opened === null) return sendPage(response, 401, SPENT_PAGE);
  const secure = config.http.publicUrl?.startsWith('https:') ?? false;
  response.cookie(SESSION_COOKIE, opened.cookie, { httpOnly: true, sameSite: 'strict', path: '/', secure, expires });
  response.redirect(303, '/docs');
}

function requireLoopback({ socket }: Request): void {
  const address = socket.remoteAddress ?? '';
  if (!/^(127\.|::1$|::ffff:127\.)/.test(address)) throw new ProblemError('route_unknown');
}

function signInPage(token: string): string {
  return pageOf({
    title: 'Sign in to Countersign',
    body: `<main><h1>Countersign</h1>
<form method="post" action="/sign-in"><input type="hidden" name="token" value="${escapeHtml(token)}"><button>Sign in</button></form></main>`,
  });
}

const SPENT_PAGE = pageOf({
  title: 'The link can not be used',
  body: '<main><h1>This link can not be used</h1><p>It was used before, or is older than an hour. An administrator can make a new one, and so does each start on this machine.</p></main>',
});
