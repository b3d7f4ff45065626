import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { MALFORMED_TEXT } from '../../../fakes/openaiBehaviour';
import { startFakeOpenAi } from '../../../fakes/openai';
import type { FakeOpenAi } from '../../../fakes/openai';
import { createOpenAiProvider } from '../../../models/openai';
import { ModelFailure } from '../../../models/provider';
import type { ModelAnswer, ModelCall } from '../../../models/provider';

const KEY = 'sk-test-secret-key';
const SECRET_PROMPT = 'my password is hunter2';
const PRICE = { inputMicroUsdPerMillionTokens: 400_000, outputMicroUsdPerMillionTokens: 1_600_000 };
const SCHEMA = {
  name: 'reply',
  schema: {
    type: 'object',
    properties: { reply: { type: 'string', maxLength: 2_000 }, facts: { type: 'array', items: { type: 'string' } } },
    required: ['reply', 'facts'],
    additionalProperties: false,
  },
};

let fake: FakeOpenAi;
beforeEach(async () => {
  fake = await startFakeOpenAi({ answer: () => ({ reply: 'hello', facts: [] }) });
});
afterEach(() => fake.close());

function call(over: Partial<ModelCall> & { url?: string } = {}): Promise<ModelAnswer> {
  const { url = fake.url, ...rest } = over;
  const provider = createOpenAiProvider({
    apiKey: KEY,
    baseUrl: url,
    model: 'test-model',
    timeoutSeconds: 5,
    price: PRICE,
  });
  return provider.call({
    model: 'test-model',
    messages: [
      { role: 'system', content: 'answer the customer' },
      { role: 'user', content: SECRET_PROMPT },
    ],
    outputSchema: SCHEMA,
    maxOutputTokens: 500,
    timeoutSeconds: 5,
    signal: new AbortController().signal,
    ...rest,
  });
}

async function failure(over: Parameters<typeof call>[0] = {}): Promise<ModelFailure> {
  const thrown = await call(over).then(
    () => null,
    (error: unknown) => error,
  );
  if (!(thrown instanceof ModelFailure)) throw new Error('the call did not end in a ModelFailure', { cause: thrown });
  expectNoSecrets(thrown);
  return thrown;
}

/** Whatever a log could print of the error. */
function expectNoSecrets(error: ModelFailure): void {
  const everything = JSON.stringify({ ...error, message: error.message, stack: error.stack, cause: error.cause });
  for (const secret of [SECRET_PROMPT, 'hunter2', KEY, 'answer the customer', 'hello', '127.0.0.1']) {
    expect(everything).not.toContain(secret);
  }
}

/** 6 + 6 tokens are far below what the prompt's bytes and the allowed output come to. */
const UPPER_BOUND_OUTPUT_MICRO_USD = 800;

describe('an answer', () => {
  it('is the parsed object with tokens, cost rounded up, time and finish reason', async () => {
    const answer = await call();
    expect(answer).toMatchObject({
      output: { reply: 'hello', facts: [] },
      finishReason: 'stop',
      isRepaired: false,
      isUpperBound: false,
    });
    expect(answer.inputTokens).toBeGreaterThan(0);
    expect(answer.costMicroUsd).toBe(Math.ceil(answer.inputTokens * 0.4 + answer.outputTokens * 1.6));
    expect(answer.latencyMs).toBeGreaterThanOrEqual(0);
  });

  it('was asked for with the strict schema, its name, the token limit and the key, in one request', async () => {
    await call();
    expect(fake.requests).toHaveLength(1);
    const request = fake.requests[0];
    expect(request?.authorization).toBe(`Bearer ${KEY}`);
    expect(request?.messages).toEqual([
      { role: 'system', content: 'answer the customer' },
      { role: 'user', content: SECRET_PROMPT },
    ]);
    expect(request?.body).toMatchObject({
      model: 'test-model',
      max_tokens: 500,
      response_format: { type: 'json_schema', json_schema: { strict: true, name: 'reply' } },
    });
    expect(request?.schema).toEqual({
      type: 'object',
      properties: { reply: { type: 'string' }, facts: { type: 'array', items: { type: 'string' } } },
      required: ['reply', 'facts'],
      additionalProperties: false,
    });
  });

  it('without usage is billed at the upper bound, and says so', async () => {
    fake.behave({ kind: 'no_usage' });
    const answer = await call();
    expect(answer).toMatchObject({ isUpperBound: true, outputTokens: 500 });
    expect(answer.costMicroUsd).toBeGreaterThanOrEqual(UPPER_BOUND_OUTPUT_MICRO_USD);
  });

  it('that is nearly JSON is repaired and held against the schema', async () => {
    fake.behave({ kind: 'malformed', text: "```json\n{reply: 'hello', facts: ['a',],}\n```" });
    expect(await call()).toMatchObject({ output: { reply: 'hello', facts: ['a'] }, isRepaired: true });
  });

  it('that comes late but in time is taken', async () => {
    fake.behave({ kind: 'slow', milliseconds: 50 });
    expect((await call()).latencyMs).toBeGreaterThanOrEqual(45);
  });
});

describe('a call that fails', () => {
  it('at the rate limit says how many seconds to wait, at no cost', async () => {
    fake.behave({ kind: 'status', status: 429, retryAfter: '7' });
    expect(await failure()).toMatchObject({
      result: 'rate_limited',
      isRetryable: true,
      retryAfterSeconds: 7,
      status: 429,
      usage: { costMicroUsd: 0 },
    });
  });

  it('at the rate limit understands a date', async () => {
    fake.behave({ kind: 'status', status: 429, retryAfter: new Date(Date.now() + 30_000).toUTCString() });
    const { retryAfterSeconds } = await failure();
    expect(retryAfterSeconds).toBeGreaterThanOrEqual(28);
    expect(retryAfterSeconds).toBeLessThanOrEqual(30);
  });

  it('at the rate limit without a wait, or with nonsense for one, names none', async () => {
    fake.behave({ kind: 'status', status: 429 }, { kind: 'status', status: 429, retryAfter: 'soon' });
    expect((await failure()).retryAfterSeconds).toBeNull();
    expect((await failure()).retryAfterSeconds).toBeNull();
  });

  it('because the account has no credit is not tried again, though it is a 429', async () => {
    fake.behave({ kind: 'status', status: 429, code: 'insufficient_quota' });
    expect(await failure()).toMatchObject({ result: 'rejected', fault: 'account', isRetryable: false });
  });

  it.each([500, 502, 503, 529])('with status %i is an outage that can be tried again', async (status) => {
    fake.behave({ kind: 'status', status });
    expect(await failure()).toMatchObject({
      result: 'unavailable',
      isRetryable: true,
      status,
      usage: { costMicroUsd: 0 },
    });
  });

  it('with its connection broken in the body can be tried again, and may have been billed', async () => {
    fake.behave({ kind: 'reset' });
    const thrown = await failure();
    expect(thrown).toMatchObject({
      result: 'unavailable',
      fault: 'network',
      isRetryable: true,
      usage: { isUpperBound: true },
    });
    expect(thrown.usage.costMicroUsd).toBeGreaterThanOrEqual(UPPER_BOUND_OUTPUT_MICRO_USD);
  });

  it('because nothing listens can be tried again, at no cost', async () => {
    const url = `http://127.0.0.1:${await freePort()}/v1`;
    expect(await failure({ url })).toMatchObject({
      result: 'unavailable',
      fault: 'network',
      isRetryable: true,
      status: null,
      usage: { costMicroUsd: 0, isUpperBound: false },
    });
  });

  it('because it takes too long is ended at its time-out, may have been billed, and closes its connection', async () => {
    fake.behave({ kind: 'hang' });
    const startedAt = Date.now();
    const thrown = await failure({ timeoutSeconds: 0.2 });
    expect(thrown).toMatchObject({ result: 'timeout', isRetryable: true, usage: { isUpperBound: true } });
    expect(Date.now() - startedAt).toBeLessThan(3_000);
    await until(() => fake.requests[0]?.isAborted === true);
  });

  it('because the model wrote broken JSON that no repair can save is billed and not tried again', async () => {
    fake.behave({ kind: 'malformed', text: 'I think the answer is forty-two' });
    const thrown = await failure();
    expect(thrown).toMatchObject({ result: 'malformed', isRetryable: false });
    expect(thrown.usage.costMicroUsd).toBeGreaterThan(0);
    expect(thrown.usage.isUpperBound).toBe(false);
  });

  it('because the answer was cut off is not repaired, however well it could be', async () => {
    fake.behave(
      { kind: 'malformed', text: MALFORMED_TEXT, finishReason: 'length' },
      { kind: 'malformed', text: MALFORMED_TEXT },
    );
    expect(await failure()).toMatchObject({ result: 'malformed' });
    expect(await call()).toMatchObject({ isRepaired: true });
  });

  it('because a repair does not follow the schema is malformed', async () => {
    fake.behave({ kind: 'malformed', text: "{reply: 'hello', facts: 'none'}" });
    expect(await failure()).toMatchObject({ result: 'malformed' });
  });

  it.each(['refusal', 'content_filter'] as const)(
    'by %s with status 200 is refused, billed and not tried again',
    async (kind) => {
      fake.behave({ kind });
      const thrown = await failure();
      expect(thrown).toMatchObject({ result: 'refused', isRetryable: false, status: 200 });
      expect(thrown.usage.inputTokens).toBeGreaterThan(0);
      expect(thrown.usage.costMicroUsd).toBeGreaterThan(0);
    },
  );

  it('by a content filter with status 400 is refused', async () => {
    fake.behave({ kind: 'status', status: 400, code: 'content_filter' });
    expect(await failure()).toMatchObject({ result: 'refused', isRetryable: false });
  });

  it.each([
    [400, 'request'],
    [401, 'credentials'],
    [402, 'account'],
    [403, 'credentials'],
    [404, 'request'],
    [413, 'request'],
    [422, 'request'],
  ])('with status %i is rejected for good and says that the fault is in: %s', async (status, fault) => {
    fake.behave({ kind: 'status', status });
    expect(await failure()).toMatchObject({
      result: 'rejected',
      fault,
      isRetryable: false,
      status,
      usage: { costMicroUsd: 0 },
    });
  });

  it('because the address is no API is malformed', async () => {
    fake.behave({ kind: 'not_an_api' });
    expect(await failure()).toMatchObject({ result: 'malformed', fault: 'provider', isRetryable: false });
  });

  it('is sent once: nothing is retried here', async () => {
    fake.behave({ kind: 'status', status: 503 });
    await failure();
    expect(fake.requests).toHaveLength(1);
  });

  it('because its schema can not be strict is rejected before it is sent', async () => {
    const schema = { ...SCHEMA.schema, required: ['reply'] };
    const thrown = await failure({ outputSchema: { name: 'reply', schema } });
    expect(thrown).toMatchObject({ result: 'rejected', usage: { costMicroUsd: 0 } });
    expect(thrown.message).toContain('$.facts is optional');
    expect(fake.requests).toHaveLength(0);
  });
});

describe('the caller', () => {
  it('can end a call at once; it gets its own reason back, and the connection is closed', async () => {
    fake.behave({ kind: 'hang' });
    const controller = new AbortController();
    const answer = call({ signal: controller.signal });
    await until(() => fake.requests.length === 1);
    const reason = new Error('the task was cancelled');
    controller.abort(reason);
    await expect(answer).rejects.toBe(reason);
    await until(() => fake.requests[0]?.isAborted === true);
  });

  it('that has ended already sends nothing', async () => {
    await expect(call({ signal: AbortSignal.abort(new Error('over')) })).rejects.toThrow('over');
    expect(fake.requests).toHaveLength(0);
  });
});

describe('the upper bound of a call', () => {
  it('is never below what the call then costs', async () => {
    const provider = createOpenAiProvider({
      apiKey: null,
      baseUrl: fake.url,
      model: 'm',
      timeoutSeconds: 5,
      price: PRICE,
    });
    const request = {
      model: 'm',
      messages: [{ role: 'user' as const, content: '日本語のテキスト 😀 and text' }],
      outputSchema: SCHEMA,
      maxOutputTokens: 100,
    };
    const answer = await provider.call({ ...request, timeoutSeconds: 5, signal: new AbortController().signal });
    expect(provider.upperBoundMicroUsd(request)).toBeGreaterThanOrEqual(answer.costMicroUsd);
    expect(fake.requests[0]?.authorization).toBeNull();
  });
});

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('the condition was not met within 5 s');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo; // a TCP server that listens has one
      server.close(() => resolve(port));
    });
  });
}
