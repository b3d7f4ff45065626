import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApi } from '../../api/server';
import { openApiDocument, operations } from '../../contracts/http/document';
import { TENANT, ask, startTestApi } from './testApi';
import type { TestApi } from './testApi';

let api: TestApi;
let key: string;

beforeAll(async () => {
  api = await startTestApi();
  key = await api.key();
});
afterAll(() => api.close());

describe('every answer', () => {
  it('carries the request id that was given, or a new one', async () => {
    const given = await ask(api, 'GET /healthz', { headers: { 'x-request-id': 'abc-123' } });
    expect(given.headers.get('x-request-id')).toBe('abc-123');
    const odd = await ask(api, 'GET /healthz', { headers: { 'x-request-id': 'a b<script>' } });
    expect(odd.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('that is a problem has type, title, status, detail, instance and code', async () => {
    const answer = await ask(api, 'GET /nowhere', { headers: { 'x-request-id': 'r-1' } });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body).toMatchObject({
      type: 'urn:countersign:problem:route_unknown',
      title: expect.any(String),
      status: 404,
      detail: expect.any(String),
      instance: 'urn:countersign:request:r-1',
      code: 'route_unknown',
    });
  });

  it('of an address with another method names those it has', async () => {
    const answer = await ask(api, 'DELETE /v1/tasks', { key });
    expect([answer.status, answer.body.code, answer.headers.get('allow')]).toEqual([
      405,
      'method_not_allowed',
      'POST, GET',
    ]);
  });

  it('has headers that keep a browser from guessing, framing and loading', async () => {
    const { headers } = await ask(api, 'GET /healthz');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toBe("default-src 'none';frame-ancestors 'none'");
    expect(headers.get('x-powered-by')).toBeNull();
  });
});

describe('the OpenAPI document', () => {
  it('is served, and is the one that is checked in', async () => {
    const served = (await ask(api, 'GET /openapi.json')).body;
    expect(served.openapi).toBe('3.1.0');
    const file: unknown = JSON.parse(readFileSync(join(__dirname, '..', '..', 'contracts', 'openapi.json'), 'utf8'));
    expect(file).toEqual(served);
    expect(JSON.parse(JSON.stringify(openApiDocument()))).toEqual(served);
  });

  it.each(operations.map((operation) => [operation.id, operation] as const))(
    'has %s, and the app answers it',
    async (_id, operation) => {
      const path = operation.path.replaceAll(/\{\w+\}/g, 'x');
      const answer = await ask(api, `${operation.method.toUpperCase()} ${path}`, { key });
      expect(['route_unknown', 'method_not_allowed', 'internal']).not.toContain(answer.body?.code);
    },
  );

  it('is shown by a page that needs nothing from elsewhere and has no inline script', async () => {
    const page = await ask(api, 'GET /docs');
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    const addresses = [...String(page.body).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address ?? '');
    expect(page.body).not.toMatch(/<script(?![^>]*\bsrc=)/);
    for (const address of addresses.filter((each) => !each.startsWith('data:'))) {
      expect(address).toMatch(/^\/docs\//);
      expect((await ask(api, `GET ${address}`)).status).toBe(200);
    }
  });
});

describe('the character NUL, which the store takes in no text in clear,', () => {
  const asking = operations.flatMap((operation) => {
    const method = operation.method.toUpperCase();
    const path = operation.path.replaceAll(/\{\w+\}/g, 'x');
    const inPath = operation.path.includes('{') ? [operation.path.replaceAll(/\{\w+\}/g, 'a%00b')] : [];
    const inQuery = Object.keys(operation.query?.shape ?? {}).map((name) => `${path}?${name}=a%00b`);
    return [...inPath, ...inQuery].map((address) => `${method} ${address}`);
  });
  it('is no error of the server in any path or query', async () => {
    expect(asking.length).toBeGreaterThan(50);
    const failing: string[] = [];
    for (const call of asking) {
      const { status } = await ask(api, call, { key }).catch(() => ({ status: 500 }));
      if (status >= 500) failing.push(call);
    }
    expect(failing).toEqual([]);
  });

  const nul = 'a\0b';
  const digest = '0'.repeat(64);
  it.each([
    ['POST /v1/members', { name: nul, roles: ['reviewer'] }, '/name'],
    ['POST /v1/members', { name: 'Ann', roles: ['reviewer'], queues: [nul] }, '/queues/0'],
    ['PATCH /v1/members/x', { name: nul }, '/name'],
    ['POST /v1/api-keys', { name: nul, scopes: ['tasks:read'] }, '/name'],
    ['POST /v1/api-keys', { name: 'laptop', memberId: nul }, '/memberId'],
    ['POST /v1/reviews/x/assign', { to: nul }, '/to'],
    ['POST /v1/reviews/next', { queue: nul }, '/queue'],
    [
      'POST /v1/reviews/decisions',
      { decisions: [{ reviewId: nul, action: 'approve', digest }] },
      '/decisions/0/reviewId',
    ],
    ['POST /v1/gold-items', { taskId: nul, draft: 'right' }, '/taskId'],
  ])('is refused in the body of %s: %j', async (call, json, path) => {
    const answer = await ask(api, call, { key, json });
    expect([answer.status, answer.body.code]).toEqual([422, 'input_invalid']);
    expect(answer.body.errors).toEqual([{ path, message: 'must not hold the character NUL' }]);
  });

  it('is refused in the path of a link, by whoever', async () => {
    const tenant = Buffer.from(JSON.stringify({ tenant: TENANT })).toString('base64url');
    const raw = new URLSearchParams({ token: `${tenant}.x`, action: 'approve', read: 'yes' }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: api.url };
    const answer = await ask(api, 'POST /reviews/rev_%00/decide', { raw, headers });
    expect([answer.status, answer.body]).toEqual([400, expect.stringContaining('This link is not valid')]);
  });
});

describe('task types', () => {
  it('are listed, and each tells its schemas, requirements, classes and standing', async () => {
    const { items } = (await ask(api, 'GET /v1/task-types', { key })).body;
    expect(items.map(({ name }: { name: string }) => name)).toEqual(['note-reply', 'small-note']);
    const { body } = await ask(api, 'GET /v1/task-types/note-reply', { key });
    expect(body).toMatchObject({
      classes: ['thanks', 'question', 'out_of_scope', 'unclear'],
      requirements: { accuracy: 0.9, p95Seconds: 5, maxCostUsd: 0.01 },
      inputSchema: { type: 'object' },
      outputSchema: { type: 'object' },
      standing: { grants: [{ class: 'thanks', threshold: 0.5, by: 'owner' }], tasks: 0, reviewed: 0, outcomes: {} },
    });
    expect((await ask(api, 'GET /v1/task-types/other', { key })).body.code).toBe('task_type_unknown');
  });
});

describe('health', () => {
  it('says that the process is up and can work', async () => {
    expect((await ask(api, 'GET /healthz')).body).toEqual({ status: 'up' });
    expect((await ask(api, 'GET /readyz')).body).toEqual({ status: 'ready', missing: [] });
  });

  it('names Temporal when it can not be reached', async () => {
    const lonely = await startTestApi({ temporalAddress: '127.0.0.1:1' });
    try {
      const answer = await ask(lonely, 'GET /readyz');
      expect([answer.status, answer.body.missing]).toEqual([503, ['temporal']]);
      expect((await ask(lonely, 'GET /healthz')).status).toBe(200);
    } finally {
      await lonely.close();
    }
  });
});

describe('the log', () => {
  it('has a line for each request, without bodies, query values, headers or addresses', async () => {
    const json = { type: 'note-reply', input: { message: 'my-own-words' }, subject: 'jane-doe' };
    const { body } = await ask(api, 'POST /v1/tasks', { key, json, headers: { 'x-request-id': 'logged-1' } });
    await ask(api, `GET /v1/tasks?subject=jane-doe&reference=${body.id}`, {
      key,
      headers: { 'x-request-id': 'logged-2' },
    });
    const lines = api.logged();
    expect(lines).toMatch(/"logged-1"/);
    const line = lines.split('\n').find((each) => each.includes('"logged-1"')) ?? '';
    expect(JSON.parse(line)).toMatchObject({ route: '/v1/tasks', responseTime: expect.any(Number) });
    expect(line.match(/"route"/g)).toHaveLength(1);
    expect(lines).not.toMatch(/my-own-words|jane-doe/);
    expect(lines).not.toContain(key);
    expect(lines).not.toContain(key.slice(-12));
  });
});

describe('the server', () => {
  it('takes the next free port where it is told to, and else says that it is taken', async () => {
    const { port } = new URL(api.url);
    const config = { ...api.dependencies.config, http: { ...api.dependencies.config.http, port: Number(port) } };
    await expect(startApi({ ...api.dependencies, config })).rejects.toThrow('EADDRINUSE');
    const second = await startApi({ ...api.dependencies, config }, { orNextFreePort: true });
    expect(Number(new URL(second.url).port)).toBeGreaterThan(Number(port));
    expect((await ask(second, 'GET /healthz')).status).toBe(200);
    await second.close();
  });

  it('answers those who wait when it is closed, and is not reached any more', async () => {
    const own = await startTestApi();
    const ownKey = await own.key();
    const json = { type: 'note-reply', input: { message: 'a question' } };
    const { id } = (await ask(own, 'POST /v1/tasks', { key: ownKey, json })).body;
    const waiting = ask(own, `GET /v1/tasks/${id}?waitSeconds=60`, { key: ownKey });
    const refused = new Promise((resolve) => setTimeout(resolve, 100)).then(() => own.close());
    expect((await waiting).body.status).toBe('running');
    await refused;
    await expect(fetch(`${own.url}/healthz`)).rejects.toThrow();
  });

  it('lets a caller go who does not wait any longer', async () => {
    const json = { type: 'note-reply', input: { message: 'a question' } };
    const { id } = (await ask(api, 'POST /v1/tasks', { key, json })).body;
    const leaving = request(`${api.url}/v1/tasks/${id}?waitSeconds=60`, {
      headers: { authorization: `Bearer ${key}` },
    });
    leaving.on('error', () => undefined);
    leaving.end();
    await new Promise((resolve) => setTimeout(resolve, 100));
    leaving.destroy();
    expect((await ask(api, `GET /v1/tasks/${id}`, { key })).status).toBe(200);
  });
});

describe('what nobody foresaw', () => {
  it('is answered 500 without its cause, which is in the log under the request id', async () => {
    const own = await startTestApi();
    try {
      const ownKey = await own.key();
      const { policies } = own.dependencies;
      (policies as Map<string, unknown>).delete('note-reply');
      const json = { type: 'note-reply', input: { message: 'a question' } };
      const response = await fetch(`${own.url}/v1/tasks`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ownKey}`, 'content-type': 'application/json', 'x-request-id': 'odd-1' },
        body: JSON.stringify(json),
      });
      expect(response.status).toBe(500);
      expect(await response.text()).not.toContain('policy');
      const line = own
        .logged()
        .split('\n')
        .find((each) => each.includes('has no policy'));
      expect(line).toContain('"requestId":"odd-1"');
    } finally {
      await own.close();
    }
  });
});
