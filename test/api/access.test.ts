import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ensureAdminKey, ensureCallerKey, ensureLocalAdministrator } from '../../api/localDoors';
import { createSignInLink } from '../../api/signIn';
import { operations } from '../../contracts/http/document';
import { SCOPES } from '../../contracts/words/vocabulary';
import { TENANT, ask, startTestApi } from './testApi';
import type { TestApi } from './testApi';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const NOTE = { type: 'note-reply', input: { message: 'Is it open on Sunday?' } };
const guarded = operations.filter(({ access }) => access !== 'public');
const callOf = ({ method, path }: { method: string; path: string }) =>
  `${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, 'x')}`;

describe('an API key', () => {
  it.each([
    ['none', {}],
    ['an unknown one', { authorization: 'Bearer cs_unknown_secretsecret' }],
    ['an empty one', { authorization: 'Bearer ' }],
    ['another scheme', { authorization: 'Basic YTpi' }],
  ])('%s is 401', async (_name, headers) => {
    const answer = await ask(api, 'GET /v1/tasks', { headers });
    expect([answer.status, answer.body.code]).toEqual([401, 'unauthenticated']);
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
  });

  it('with a secret that is a little different is 401', async () => {
    const key = await api.key();
    const last = key.endsWith('a') ? 'b' : 'a';
    expect((await ask(api, 'GET /v1/tasks', { key: key.slice(0, -1) + last })).status).toBe(401);
    expect((await ask(api, 'GET /v1/tasks', { key })).status).toBe(200);
  });

  it('ends when it expires', async () => {
    const expiresAt = new Date(api.dependencies.clock().getTime() + 60_000).toISOString();
    const key = await api.key(['tasks:read'], { expiresAt });
    expect((await ask(api, 'GET /v1/tasks', { key })).status).toBe(200);
    api.advance(61);
    expect((await ask(api, 'GET /v1/tasks', { key })).body.code).toBe('unauthenticated');
  });

  it('ends within five seconds of being revoked', async () => {
    const admin = await api.key();
    const made = await ask(api, 'POST /v1/api-keys', { key: admin, json: { name: 'ci', scopes: ['tasks:read'] } });
    expect(made.status).toBe(201);
    expect(made.body.key).toMatch(/^cs_/);
    const { key, id } = made.body;
    expect((await ask(api, 'GET /v1/tasks', { key })).status).toBe(200);
    expect((await ask(api, `DELETE /v1/api-keys/${id}`, { key: admin })).status).toBe(204);
    api.advance(5.1);
    expect((await ask(api, 'GET /v1/tasks', { key })).status).toBe(401);
  });

  it('is listed without its secret, and unknown ones are not revoked', async () => {
    const admin = await api.key();
    const { items } = (await ask(api, 'GET /v1/api-keys', { key: admin })).body;
    expect(items.length).toBeGreaterThan(0);
    expect(JSON.stringify(items)).not.toContain(admin);
    expect((await ask(api, 'DELETE /v1/api-keys/key_none', { key: admin })).body.code).toBe('api_key_unknown');
  });

  it('can not make a key that may do more than itself', async () => {
    const admin = await api.key(['admin']);
    const json = { name: 'more', scopes: ['admin', 'personal_data:read'] };
    const answer = await ask(api, 'POST /v1/api-keys', { key: admin, json });
    expect([answer.status, answer.body.code, answer.body.scope]).toEqual([403, 'scope_required', 'personal_data:read']);
  });

  it.each(
    guarded.filter(({ access }) => access !== 'authenticated').map((operation) => [operation.id, operation] as const),
  )('without its scope does not reach %s', async (_id, operation) => {
    const key = await api.key(SCOPES.filter((scope) => scope !== operation.access));
    const answer = await ask(api, callOf(operation), { key });
    expect([answer.status, answer.body.code, answer.body.scope]).toEqual([403, 'scope_required', operation.access]);
  });

  it.each(guarded.map((operation) => [operation.id, operation] as const))(
    'is needed for %s',
    async (_id, operation) => {
      expect((await ask(api, callOf(operation))).status).toBe(401);
    },
  );

  it('of an administrator is made once, and used again while it is good', async () => {
    const first = await ensureAdminKey(api.dependencies, { tenant: TENANT });
    expect(await ensureAdminKey(api.dependencies, { tenant: TENANT, known: first })).toBe(first);
    const another = await ensureAdminKey(api.dependencies, { tenant: TENANT, known: 'cs_gone_gone' });
    expect(another).not.toBe(first);
    const { items } = (await ask(api, 'GET /v1/api-keys?limit=200', { key: another })).body;
    const memberId = await ensureLocalAdministrator(api.dependencies, TENANT);
    expect(items.at(-1)).toMatchObject({ memberId, scopes: SCOPES });
  });

  it('for posting is a service of its own, which may not decide', async () => {
    const first = await ensureCallerKey(api.dependencies, { tenant: TENANT });
    expect(await ensureCallerKey(api.dependencies, { tenant: TENANT, known: first })).toBe(first);
    expect((await ask(api, 'POST /v1/tasks', { key: first, json: NOTE })).status).toBe(202);
    expect((await ask(api, 'GET /v1/reviews', { key: first })).body.code).toBe('scope_required');
    const admin = await ensureAdminKey(api.dependencies, { tenant: TENANT });
    expect(await ensureCallerKey(api.dependencies, { tenant: TENANT, known: admin })).not.toBe(admin);
  });

  it("reads the secret of its tenant's webhooks, the same each time", async () => {
    const key = await api.key(['admin']);
    const { secret } = (await ask(api, 'GET /v1/webhook-secret', { key })).body;
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect((await ask(api, 'GET /v1/webhook-secret', { key })).body.secret).toBe(secret);
  });
});

describe('a sign-in link', () => {
  const link = async () => {
    const memberId = await ensureLocalAdministrator(api.dependencies, TENANT);
    return new URL((await createSignInLink(api.dependencies, { tenant: TENANT, memberId })).path, api.url);
  };
  const form = (token: string, headers: Record<string, string>) =>
    ask(api, 'POST /sign-in', {
      raw: new URLSearchParams({ token }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    });

  it('shows a page that changes nothing, however often it is looked at', async () => {
    const { pathname, search, searchParams } = await link();
    for (let looks = 0; looks < 3; looks += 1) {
      const page = await ask(api, `GET ${pathname}${search}`);
      expect([page.status, page.headers.get('set-cookie')]).toEqual([200, null]);
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
      // With no-referrer, browsers send `Origin: null` when its button is pressed, which is refused.
      expect(page.headers.get('referrer-policy')).toBe('same-origin');
    }
    expect((await form(searchParams.get('token') ?? '', { origin: api.url })).status).toBe(303);
  });

  it('signs in once, and the session then works from this site only', async () => {
    const token = (await link()).searchParams.get('token') ?? '';
    const signedIn = await form(token, { origin: api.url });
    expect([signedIn.status, signedIn.headers.get('location')]).toEqual([303, '/docs']);
    const setCookie = signedIn.headers.get('set-cookie') ?? '';
    expect(setCookie).toMatch(/HttpOnly/);
    expect(setCookie).toMatch(/SameSite=Strict/);
    expect((await form(token, { origin: api.url })).status).toBe(401);
    const cookie = setCookie.split(';')[0] ?? '';
    expect((await ask(api, 'GET /v1/tasks', { headers: { cookie } })).status).toBe(200);
    const post = (headers: Record<string, string>) =>
      ask(api, 'POST /v1/tasks', { json: NOTE, headers: { cookie, ...headers } });
    expect((await post({ origin: api.url })).status).toBe(202);
    expect((await post({ 'sec-fetch-site': 'same-origin' })).status).toBe(202);
    for (const headers of [
      {},
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ])
      expect((await post(headers)).body.code).toBe('csrf_refused');
  });

  it('does not sign in from another site, with a made-up token, or after an hour', async () => {
    const token = (await link()).searchParams.get('token') ?? '';
    expect((await form(token, { origin: 'https://evil.example' })).body.code).toBe('csrf_refused');
    expect((await form('made-up', { origin: api.url })).status).toBe(401);
    api.advance(3_601);
    expect((await form(token, { origin: api.url })).status).toBe(401);
  });

  it('repeats no markup of its token', async () => {
    const page = await ask(api, `GET /sign-in?token=${encodeURIComponent('"><script>x</script>')}`);
    expect(page.body).not.toContain('<script>');
  });

  it('signs out', async () => {
    const token = (await link()).searchParams.get('token') ?? '';
    const cookie = ((await form(token, { origin: api.url })).headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    expect((await ask(api, 'POST /sign-out', { headers: { cookie, origin: api.url } })).status).toBe(204);
    expect((await ask(api, 'GET /v1/tasks', { headers: { cookie } })).status).toBe(401);
  });
});
