import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Role } from '../../contracts/words/roles';
import { SCOPES_OF_ROLE } from '../../contracts/words/roles';
import { readTask } from '../../store/tasks';
import { TENANT, ask, startTestApi } from './testApi';
import type { Answer, TestApi } from './testApi';

let api: TestApi;
let admin: string;

beforeAll(async () => {
  api = await startTestApi();
  admin = await api.key(['admin']);
});
afterAll(() => api.close());

const NOTE = { type: 'note-reply', input: { message: 'Is it open on Sunday?' } };

async function member(roles: readonly Role[], more: object = {}): Promise<Answer['body']> {
  const made = await ask(api, 'POST /v1/members', { key: admin, json: { name: 'Ann', roles, ...more } });
  expect(made.status).toBe(201);
  return made.body;
}

async function keyOf(memberId: string, scopes?: readonly string[]): Promise<string> {
  const json = { name: 'laptop', memberId, ...(scopes && { scopes }) };
  const made = await ask(api, 'POST /v1/api-keys', { key: admin, json });
  expect([made.status, made.body.memberId]).toEqual([201, memberId]);
  return made.body.key;
}

const change = (id: string, json: object, key = admin) => ask(api, `PATCH /v1/members/${id}`, { key, json });
const statusOf = async (call: string, key: string) => (await ask(api, call, { key })).status;

describe('a member', () => {
  it('is made, changed and listed by whoever administers', async () => {
    const made = await member(['reviewer'], { email: 'ann@example.com', queues: ['support'], locale: 'en-GB' });
    expect(made).toMatchObject({ name: 'Ann', roles: ['reviewer'], email: 'ann@example.com', slackUserId: null });
    expect(made.id).toMatch(/^mem_[0-9a-f]{16}$/);
    const changed = await change(made.id, { slackUserId: 'U012AB3CD', roles: ['approver', 'approver'] });
    expect(changed.body).toEqual({ ...made, slackUserId: 'U012AB3CD', roles: ['approver'] });
    expect((await change(made.id, { email: null })).body).toMatchObject({ email: null, slackUserId: 'U012AB3CD' });
    const { items } = (await ask(api, 'GET /v1/members?limit=200', { key: admin })).body;
    expect(items.find(({ id }: { id: string }) => id === made.id)).toMatchObject({ roles: ['approver'] });
  });

  it.each([
    ['no role', { roles: [] }, '/roles'],
    ['a role that there is not', { roles: ['king'] }, '/roles/0'],
    ['no name', { name: ' ' }, '/name'],
    ['an address that is none', { email: 'ann' }, '/email'],
    ['a Slack id that is none', { slackUserId: '@ann' }, '/slackUserId'],
    ['a language that is none', { locale: 'not a language' }, '/locale'],
  ])('with %s is refused', async (_what, wrong, path) => {
    const answer = await ask(api, 'POST /v1/members', { key: admin, json: { name: 'Ann', roles: ['lead'], ...wrong } });
    expect([answer.status, answer.body.code, answer.body.errors[0].path]).toEqual([422, 'input_invalid', path]);
  });

  it('has an address that is no other active member’s', async () => {
    const { id } = await member(['reviewer'], { email: 'taken@example.com' });
    const json = { name: 'Ben', roles: ['reviewer'], email: 'TAKEN@example.com' };
    const again = await ask(api, 'POST /v1/members', { key: admin, json });
    expect([again.status, again.body.errors]).toEqual([
      422,
      [{ path: '/email', message: 'is that of another member' }],
    ]);
    expect(await statusOf(`DELETE /v1/members/${id}`, admin)).toBe(204);
    expect((await ask(api, 'POST /v1/members', { key: admin, json })).status).toBe(201);
  });

  it('is seen by reviewers without addresses, and by callers not at all', async () => {
    const { id } = await member(['reviewer'], { email: 'shy@example.com', slackUserId: 'U0SHY' });
    const reviewer = await api.key(['reviews:read']);
    const seen = await ask(api, `GET /v1/members/${id}`, { key: reviewer });
    expect(seen.body).toMatchObject({ id, name: 'Ann', email: null, slackUserId: null });
    expect(JSON.stringify((await ask(api, 'GET /v1/members?limit=200', { key: reviewer })).body)).not.toMatch(/shy@/);
    const caller = await api.key(['tasks:read', 'tasks:write']);
    for (const call of ['GET /v1/members', `GET /v1/members/${id}`])
      expect((await ask(api, call, { key: caller })).body).toMatchObject({
        code: 'scope_required',
        scope: 'reviews:read',
      });
  });

  it('of another tenant does not exist', async () => {
    const { id } = await member(['reviewer']);
    const other = await api.key(['admin'], { tenant: 'other' });
    for (const call of [`GET /v1/members/${id}`, `DELETE /v1/members/${id}`, `POST /v1/members/${id}/sign-in-links`])
      expect((await ask(api, call, { key: other })).body.code).toBe('member_unknown');
    expect((await change(id, { name: 'Mine' }, other)).body.code).toBe('member_unknown');
    const stolen = await ask(api, 'POST /v1/api-keys', { key: other, json: { name: 'x', memberId: id } });
    expect(stolen.body.code).toBe('member_unknown');
    expect((await ask(api, 'GET /v1/members?limit=200', { key: other })).body.items).toEqual([]);
  });
});

describe("a member's key", () => {
  it('may do what the roles give, unless it was made for less', async () => {
    const { id } = await member(['reviewer']);
    const made = await ask(api, 'POST /v1/api-keys', { key: admin, json: { name: 'all', memberId: id } });
    expect([...made.body.scopes].sort()).toEqual([...SCOPES_OF_ROLE.reviewer].sort());
    const reading = await keyOf(id, ['reviews:read']);
    expect(await statusOf('GET /v1/reviews', reading)).toBe(200);
    expect((await ask(api, 'POST /v1/reviews/next', { key: reading })).body.scope).toBe('reviews:decide');
  });

  it('is refused where it would be for more than the roles give, and a service’s without scopes', async () => {
    const { id } = await member(['reviewer']);
    for (const json of [{ name: 'more', memberId: id, scopes: ['reviews:read', 'admin'] }, { name: 'service' }]) {
      const answer = await ask(api, 'POST /v1/api-keys', { key: admin, json });
      expect([answer.status, answer.body.errors?.[0].path]).toEqual([422, '/scopes']);
    }
  });

  it('is the same person as the member’s other keys, to tasks and claims', async () => {
    const { id } = await member(['submitter', 'reviewer']);
    const [laptop, phone] = [await keyOf(id, ['tasks:write']), await keyOf(id)];
    const { dependencies } = api;
    for (const key of [laptop, phone]) {
      const { body } = await ask(api, 'POST /v1/tasks', { key, json: NOTE });
      const row = await dependencies.store.inTenant(TENANT, (tx) => readTask(tx, body.id));
      expect(row?.submitter).toBe(id);
    }
  });

  it('loses within five seconds what the member’s roles no longer give', async () => {
    const { id } = await member(['lead']);
    const key = await keyOf(id);
    expect(await statusOf('GET /v1/reviews', key)).toBe(200);
    await change(id, { roles: ['submitter'] });
    api.advance(5.1);
    expect((await ask(api, 'GET /v1/reviews', { key })).body.scope).toBe('reviews:read');
    expect(await statusOf('GET /v1/tasks', key)).toBe(200);
  });

  it('ends within five seconds of the member being deactivated, and no new one is made', async () => {
    const { id } = await member(['reviewer']);
    const key = await keyOf(id);
    expect(await statusOf('GET /v1/reviews', key)).toBe(200);
    expect(await statusOf(`DELETE /v1/members/${id}`, admin)).toBe(204);
    api.advance(5.1);
    expect((await ask(api, 'GET /v1/reviews', { key })).body.code).toBe('unauthenticated');
    const again = await ask(api, 'POST /v1/api-keys', { key: admin, json: { name: 'again', memberId: id } });
    expect(again.body.code).toBe('member_unknown');
    expect((await ask(api, `POST /v1/members/${id}/sign-in-links`, { key: admin })).body.code).toBe('member_unknown');
  });
});

describe("a member's sign-in link", () => {
  const signIn = async (id: string) => {
    const made = await ask(api, `POST /v1/members/${id}/sign-in-links`, { key: admin });
    const token = new URL(made.body.path, api.url).searchParams.get('token') ?? '';
    const answer = await ask(api, 'POST /sign-in', {
      raw: new URLSearchParams({ token }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: api.url },
    });
    return (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  };

  it('opens a session that is the member, with the roles of the moment, until the member is deactivated', async () => {
    const { id } = await member(['submitter']);
    const cookie = await signIn(id);
    const headers = { cookie, origin: api.url };
    const { body } = await ask(api, 'POST /v1/tasks', { json: NOTE, headers });
    const row = await api.dependencies.store.inTenant(TENANT, (tx) => readTask(tx, body.id));
    expect(row?.submitter).toBe(id);
    expect((await ask(api, 'GET /v1/reviews', { headers })).body.scope).toBe('reviews:read');
    await change(id, { roles: ['reviewer'] });
    api.advance(5.1);
    expect((await ask(api, 'GET /v1/reviews', { headers })).status).toBe(200);
    expect((await ask(api, 'POST /v1/tasks', { json: NOTE, headers })).body.scope).toBe('tasks:write');
    await ask(api, `DELETE /v1/members/${id}`, { key: admin });
    api.advance(5.1);
    expect((await ask(api, 'GET /v1/reviews', { headers })).status).toBe(401);
  });
});
