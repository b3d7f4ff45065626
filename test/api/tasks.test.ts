import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ask, newKey, startTestApi } from './testApi';
import type { TestApi } from './testApi';

let api: TestApi;
let key: string;

beforeAll(async () => {
  api = await startTestApi();
  key = await api.key();
});
afterAll(() => api.close());

const NOTE = { type: 'note-reply', input: { message: 'Is it open on Sunday?' } };

const post = (json: unknown, headers: Record<string, string> = {}) =>
  ask(api, 'POST /v1/tasks', { key, json, headers });
const postRaw = (raw: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
  ask(api, 'POST /v1/tasks', { key, raw, headers });

describe('a task that is posted', () => {
  it('is answered 202 with its address, its key and the task', async () => {
    const answer = await post({
      ...NOTE,
      subject: 'customer-7',
      reference: 'order 12',
      metadata: { a: [1] },
      priority: 1,
    });
    expect(answer.status).toBe(202);
    expect(answer.headers.get('location')).toBe(`/v1/tasks/${answer.body.id}`);
    expect(answer.headers.get('idempotency-key')).toMatch(/^[\x21-\x7e]{8,}$/);
    expect(answer.headers.get('idempotent-replayed')).toBeNull();
    expect(answer.body).toMatchObject({
      id: expect.stringMatching(/^tsk_[a-z0-9]{26}$/),
      type: 'note-reply',
      status: 'running',
      outcome: null,
      output: null,
      subject: 'customer-7',
      reference: 'order 12',
      metadata: { a: [1] },
      priority: 1,
    });
  });

  it('is the same task for the same key and body', async () => {
    const headers = { 'idempotency-key': newKey() };
    const first = await post(NOTE, headers);
    const second = await post({ input: NOTE.input, type: NOTE.type }, headers);
    expect(second.status).toBe(202);
    expect(second.body.id).toBe(first.body.id);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
  });

  it('is refused for the same key and another body, and nothing changes', async () => {
    const headers = { 'idempotency-key': newKey() };
    const first = await post(NOTE, headers);
    const second = await post({ ...NOTE, input: { message: 'Another' } }, headers);
    expect([second.status, second.body.code]).toEqual([422, 'idempotency_key_reused']);
    const replayed = await post(NOTE, headers);
    expect(replayed.body.id).toBe(first.body.id);
  });

  it('is another task for another tenant with the same key', async () => {
    const headers = { 'idempotency-key': newKey() };
    const other = await api.key(undefined, { tenant: 'other' });
    const first = await post(NOTE, headers);
    const second = await ask(api, 'POST /v1/tasks', { key: other, json: NOTE, headers });
    expect(second.body.id).not.toBe(first.body.id);
    expect((await ask(api, `GET /v1/tasks/${first.body.id}`, { key: other })).body.code).toBe('task_unknown');
  });

  it('is one task for 200 duplicates at once', async () => {
    const headers = { 'idempotency-key': newKey() };
    const answers = await Promise.all(Array.from({ length: 200 }, () => post(NOTE, headers)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.filter((answer) => answer.headers.get('idempotent-replayed') === null)).toHaveLength(1);
  });

  it.each([['a'.repeat(256)], ['ü'], ['']])('is refused with the key %j', async (bad) => {
    const answer = await post(NOTE, { 'idempotency-key': bad });
    expect([answer.status, answer.body.code]).toEqual([422, 'idempotency_key_invalid']);
  });
});

describe('what can not be a task', () => {
  it('unknown type', async () => {
    const answer = await post({ ...NOTE, type: 'no-such-type' });
    expect([answer.status, answer.body.code]).toEqual([404, 'task_type_unknown']);
  });

  it('an input that breaks the schema is named by path and rule, and not repeated', async () => {
    const answer = await post({ type: 'note-reply', input: { message: 4711_0815, tone: 'secret-tone' } });
    expect([answer.status, answer.body.code]).toEqual([422, 'input_invalid']);
    expect(answer.body.errors.map(({ path }: { path: string }) => path)).toEqual(['/input/message', '/input/tone']);
    expect(JSON.stringify(answer.body)).not.toMatch(/47110815|secret-tone/);
  });

  it('no input, an unknown field (its name is not repeated), a priority out of range', async () => {
    expect((await post({ type: 'note-reply' })).body.code).toBe('input_invalid');
    const unknown = await post({ ...NOTE, 'jane@example.com': 1 });
    expect(unknown.body.code).toBe('input_invalid');
    expect(JSON.stringify(unknown.body)).not.toContain('jane@');
    expect((await post({ ...NOTE, priority: 6 })).body.errors[0].path).toBe('/priority');
  });

  it.each([
    ['an empty body', ''],
    ['a text', 'hello'],
    ['half a text', '{"type":"note-reply"'],
    ['two texts', '{}{}'],
  ])('%s is not JSON', async (_name, raw) => {
    const answer = await postRaw(raw);
    expect([answer.status, answer.body.code]).toEqual([400, 'not_json']);
  });

  it('bytes that are not UTF-8 are not JSON', async () => {
    const bytes = Buffer.concat([Buffer.from('{"type":"'), Buffer.from([0xff, 0xc3, 0x28]), Buffer.from('"}')]);
    expect((await postRaw(new Uint8Array(bytes))).body.code).toBe('not_json');
    expect((await postRaw(new Uint8Array(Buffer.from('{}', 'utf16le')))).body.code).toBe('not_json');
  });

  it('a hundred thousand levels of nesting', async () => {
    const depth = 100_000;
    const raw = `{"type":"note-reply","input":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    const answer = await postRaw(raw);
    expect([answer.status, answer.body.code]).toEqual([422, 'input_invalid']);
    expect(answer.body.errors[0].message).toContain('64');
  });

  it('brackets and escapes inside a text are no nesting', async () => {
    const answer = await post({ type: 'note-reply', input: { message: `\\"${'[{'.repeat(200)}"\\` } });
    expect(answer.status).toBe(202);
  });

  it.each([
    ['another type', { 'content-type': 'text/plain' }],
    ['another charset', { 'content-type': 'application/json; charset=latin1' }],
    ['a content encoding', { 'content-encoding': 'gzip' }],
  ])('%s is not supported', async (_name, headers) => {
    const answer = await postRaw(JSON.stringify(NOTE), headers);
    expect([answer.status, answer.body.code]).toEqual([415, 'unsupported_media_type']);
  });

  it('an input over the limit of its type, and one just below is taken', async () => {
    const sized = (bytes: number) => ({
      type: 'small-note',
      input: { message: 'x'.repeat(bytes - '{"message":""}'.length) },
    });
    expect((await post(sized(2_000))).status).toBe(202);
    const answer = await post(sized(2_001));
    expect([answer.status, answer.body.code]).toEqual([413, 'input_too_large']);
  });

  it('an input of 8 MiB is taken, and a larger one is not', async () => {
    const message = (bytes: number) => ({ type: 'note-reply', input: { message: 'y'.repeat(bytes) } });
    const limit = 8 * 1024 * 1024 - '{"message":""}'.length;
    expect((await post(message(limit))).status).toBe(202);
    expect((await post(message(limit + 1))).body.code).toBe('input_too_large');
    expect((await post(message(limit + 1_000_000))).body.code).toBe('input_too_large');
  });

  it('metadata over 16 KiB', async () => {
    const answer = await post({ ...NOTE, metadata: { text: 'z'.repeat(16 * 1024) } });
    expect([answer.status, answer.body.errors[0].path]).toEqual([422, '/metadata']);
  });

  it('numbers and texts that have no canonical form', async () => {
    expect((await postRaw('{"type":"note-reply","input":{"message":"a","n":1e999}}')).body.code).toBe('input_invalid');
    expect((await postRaw('{"type":"note-reply","input":{"message":"\\ud800"}}')).body.code).toBe('input_invalid');
    expect((await post({ type: 'note-reply', input: { message: '\\ud800 and \\\\ud800 and 😀' } })).status).toBe(202);
  });

  it('but the character NUL is taken in whatever people say', async () => {
    const text = 'a\0b';
    const body = { type: 'note-reply', input: { message: text }, subject: text, reference: text, metadata: { text } };
    const posted = await post(body);
    expect(posted.status).toBe(202);
    const found = (await ask(api, `GET /v1/tasks?reference=${encodeURIComponent(text)}`, { key })).body.items;
    expect(found.map(({ id }: { id: string }) => id)).toEqual([posted.body.id]);
    const { body: task } = await ask(api, `GET /v1/tasks/${posted.body.id}`, { key });
    expect(task).toMatchObject({ subject: text, reference: text, metadata: { text } });
  });

  it.each([
    'http://127.0.0.1:9/',
    'http://169.254.169.254/',
    'ftp://example.com/',
    'https://a:b@example.com/',
    'nonsense',
  ])('the callback %s is refused, and is not repeated', async (callbackUrl) => {
    const answer = await post({ ...NOTE, callbackUrl });
    expect([answer.status, answer.body.code]).toEqual([422, 'callback_refused']);
    expect(JSON.stringify(answer.body)).not.toContain(callbackUrl);
  });
});

describe('tasks that are there', () => {
  it('are found by reference, subject, type and time, page by page', async () => {
    const reference = newKey();
    const ids: string[] = [];
    for (let index = 0; index < 5; index += 1)
      ids.push((await post({ ...NOTE, reference, subject: `s-${reference}` })).body.id);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const path: string = `/v1/tasks?reference=${reference}&type=note-reply&limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const page = await ask(api, `GET ${path}`, { key });
      seen.push(...page.body.items.map(({ id }: { id: string }) => id));
      cursor = page.body.nextCursor;
    }
    expect(seen).toEqual(ids.reverse());
    expect((await ask(api, `GET /v1/tasks?subject=s-${reference}`, { key })).body.items).toHaveLength(5);
    expect(
      (await ask(api, `GET /v1/tasks?subject=s-${reference}&to=2020-01-01T00:00:00Z`, { key })).body.items,
    ).toEqual([]);
    expect((await ask(api, `GET /v1/tasks?reference=${reference}&status=completed`, { key })).body.items).toEqual([]);
  });

  it.each([
    'limit=0',
    'limit=201',
    'status=odd',
    'cursor=%00x',
    'unknown=1',
    'from=yesterday',
    'reason=because',
    'type=a&type=b',
  ])('are not listed by %s', async (query) => {
    const answer = await ask(api, `GET /v1/tasks?${query}`, { key });
    expect([answer.status, answer.body.code]).toEqual([400, 'request_invalid']);
  });

  it('are not read under another id', async () => {
    for (const id of ['tsk_0', 'tsk_00000000000000000000000000', '%E0%A4%A', 'x'.repeat(60)]) {
      const answer = await ask(api, `GET /v1/tasks/${id}`, { key });
      expect(['task_unknown', 'request_invalid']).toContain(answer.body.code);
    }
  });

  it('are waited for by a hundred callers at once, who are all answered when the time is over', async () => {
    const { id } = (await post(NOTE)).body;
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => ask(api, `GET /v1/tasks/${id}?waitSeconds=1`, { key })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(100).fill(200));
  });
});
