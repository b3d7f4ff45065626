import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonValue } from '../../contracts/digest';
import type { Budget } from '../../tasks/define';
import { type FakeOpenAi, startFakeOpenAi } from '../../fakes/openai';
import type { OpenAiBehaviour } from '../../fakes/openaiBehaviour';
import { ask } from '../api/testApi';
import { openTestBank, type TestBank } from '../support/bank';
import { INVOICE_DOCUMENTS } from '../tasks/invoiceDocuments';
import { type Desk, openDesk } from '../support/desk';

const LOST = 'I lost my card somewhere in town, what now?';

describe('another system that fails', () => {
  let bank: TestBank;
  let desk: Desk;

  beforeAll(async () => {
    bank = await openTestBank();
    desk = await openDesk(bank);
  });
  afterEach(() => {
    bank.bank.behave({ kind: 'ok' });
    bank.crm.behave({ kind: 'ok' });
  });
  afterAll(() => bank.close());

  it.each([
    ['is down', { kind: 'down' }, 'context_unavailable'],
    ['drops the connection', { kind: 'reset' }, 'context_unavailable'],
    ['breaks its contract', { kind: 'breaks_contract' }, 'contract_violation'],
    ['answers with a page', { kind: 'not_json' }, 'contract_violation'],
  ] as const)('a required one that %s is a reason, and a person decides', async (_, behaviour, reason) => {
    bank.bank.behave(behaviour);
    const { reasons, reviewId } = await desk.escalated(LOST);
    expect(reasons).toContain(reason);
    const { context } = await desk.review(reviewId);
    expect(context.find(({ integration }: { integration: string }) => integration === 'core-bank').status).not.toBe(
      'ok',
    );
  });

  it('a required one that is too slow counts as not there', async () => {
    bank.bank.behave({ kind: 'slow', ms: 30_000 });
    const { reasons } = await desk.escalated(LOST);
    expect(reasons).toContain('context_unavailable');
  }, 60_000);

  it('one that fails twice and then answers is no reason at all', async () => {
    bank.bank.behave({ kind: 'down' }, 2);
    const { reasons } = await desk.escalated(LOST);
    expect(reasons).toEqual(['autonomy_not_earned']);
  });

  it('an optional one that is down lets the draft be made without it', async () => {
    bank.crm.behave({ kind: 'down' });
    const { reasons, reviewId } = await desk.escalated(LOST);
    expect(reasons).toEqual(['autonomy_not_earned']);
    expect((await desk.review(reviewId)).draft.output.reply).toMatch(/^Hello,/);
  });

  it('an effect waits until its system is back, and is done once', async () => {
    const opened = await desk.escalated(LOST);
    bank.crm.behave({ kind: 'down' }, 2);
    await desk.decide(opened, { action: 'approve' });
    expect(await desk.ended(opened.taskId)).toMatchObject({ outcome: 'approved' });
    expect(bank.crm.interactions.filter(({ id }) => id !== undefined).length).toBeGreaterThan(0);
    const posts = bank.crm.requests.filter(({ idempotencyKey }) => idempotencyKey?.startsWith(opened.taskId));
    expect(posts).toHaveLength(3);
  });
});

describe('a model provider that fails', () => {
  let openai: FakeOpenAi;
  let bank: TestBank;
  let desk: Desk;
  let reply: JsonValue;
  const good = { intent: 'card_lost', reply: 'Please freeze your card in the app at once.', factsUsed: [] };

  beforeAll(async () => {
    openai = await startFakeOpenAi({ answer: () => reply });
    reply = good;
    bank = await openTestBank({
      env: {
        OPENAI_BASE_URL: openai.url,
        OPENAI_MODEL: 'test-model',
        OPENAI_INPUT_MICRO_USD_PER_MILLION_TOKENS: '1000000',
        OPENAI_OUTPUT_MICRO_USD_PER_MILLION_TOKENS: '2000000',
      },
    });
    desk = await openDesk(bank);
  });
  afterAll(async () => {
    await bank.close();
    await openai.close();
  });

  it('drafts when it is well, with its usage and price on the task, and never sees known personal data', async () => {
    const message =
      'I lost my card somewhere in town, what do I do? My mail is jane.doe@example.com, my account GB82 WEST 1234 5698 7654 32.';
    const { task } = await desk.escalated(message);
    expect(task.attempts).toMatchObject([{ provider: 'openai', model: 'test-model', result: 'ok' }]);
    expect(task.cost.modelMicroUsd).toBeGreaterThan(0);
    const prompts = JSON.stringify(openai.requests.at(-1)?.messages);
    expect(prompts).toContain('I lost my card somewhere');
    expect(prompts).not.toContain('jane.doe@example.com');
    expect(prompts).not.toContain('5698 7654');
    expect(prompts).toContain('<EMAIL_1>');
  });

  const failures: readonly [string, OpenAiBehaviour, string][] = [
    ['refuses', { kind: 'refusal' }, 'refused'],
    ['does not know the key', { kind: 'status', status: 401 }, 'rejected'],
    ['answers with broken JSON', { kind: 'malformed' }, 'malformed'],
  ];
  it.each(failures)('that %s is followed by the embedded model', async (_, behaviour, result) => {
    openai.behave(behaviour);
    const { task } = await desk.escalated(LOST);
    expect(task.attempts[0]).toMatchObject({ provider: 'openai', result });
    expect(task.attempts.at(-1)).toMatchObject({ provider: 'embedded', result: 'ok' });
    expect(task.reasons).toEqual(['autonomy_not_earned']);
  });

  it('that asks for a pause gets one, and then drafts', async () => {
    openai.behave({ kind: 'status', status: 429, retryAfter: '1' });
    const { task } = await desk.escalated(LOST);
    expect(task.attempts).toMatchObject([
      { provider: 'openai', result: 'rate_limited' },
      { provider: 'openai', result: 'ok' },
    ]);
  });

  it('that is down is tried as often as its route says, and then the embedded model takes over', async () => {
    openai.behave(...Array.from({ length: 4 }, (): OpenAiBehaviour => ({ kind: 'status', status: 503 })));
    const before = openai.requests.length;
    const { task } = await desk.escalated(LOST);
    expect(openai.requests.length - before).toBe(4);
    expect(task.attempts).toMatchObject([
      ...Array.from({ length: 4 }, () => ({ provider: 'openai', result: 'unavailable' })),
      { provider: 'embedded', result: 'ok' },
    ]);
  }, 90_000);

  it('whose answer may have been billed before Temporal asked again has its cost on the task', async () => {
    openai.behave({ kind: 'status', status: 504 });
    const { task } = await desk.escalated(LOST);
    const [lost, made] = task.attempts;
    expect([lost.result, made.result]).toEqual(['timeout', 'ok']);
    expect(lost.costMicroUsd).toBeGreaterThan(0);
    expect(task.cost.modelMicroUsd).toBe(lost.costMicroUsd + made.costMicroUsd);
  });

  it('that gives nothing after a draft that failed its checks leaves that draft, and what is wrong with it, to a person', async () => {
    const broken = INVOICE_DOCUMENTS.find(({ failing, expected }) => failing.length > 0 && expected !== null);
    openai.behave({ kind: 'status', status: 401 });
    const { task, reasons, reviewId } = await desk.escalated('', {
      type: 'invoice-extract',
      input: { text: broken?.text },
    });
    expect(task.attempts).toMatchObject([
      { provider: 'embedded', result: 'invalid' },
      { provider: 'openai', result: 'rejected' },
    ]);
    expect(reasons).toContain('checks_failed');
    expect(task.permit).toBeNull();
    expect((await desk.review(reviewId)).draft).not.toBeNull();
  });

  it('whose draft fails its checks is asked to repair it once, then the embedded model takes over', async () => {
    const before = openai.requests.length;
    reply = { ...good, reply: 'Call 0900 123 456 now and pay £250.' };
    const { task } = await desk.escalated(LOST);
    reply = good;
    expect(openai.requests.length - before).toBe(2);
    expect(task.attempts).toMatchObject([
      { provider: 'openai', result: 'invalid' },
      { provider: 'openai', result: 'invalid' },
      { provider: 'embedded', result: 'ok' },
    ]);
  });
});

describe('a budget', () => {
  let openai: FakeOpenAi;
  let bank: TestBank;
  let desk: Desk;
  const good = { intent: 'card_lost', reply: 'Please freeze your card in the app at once.', factsUsed: [] };

  const open = async (budget: Budget) => {
    openai = await startFakeOpenAi({ answer: () => good });
    bank = await openTestBank({
      budget,
      env: {
        OPENAI_BASE_URL: openai.url,
        OPENAI_MODEL: 'test-model',
        // So that the most a call can cost is what its 4,096 tokens of answer would, and a little more.
        OPENAI_INPUT_MICRO_USD_PER_MILLION_TOKENS: '1',
        OPENAI_OUTPUT_MICRO_USD_PER_MILLION_TOKENS: '1000000',
      },
    });
    desk = await openDesk(bank);
  };
  const close = async () => {
    await bank.close();
    await openai.close();
  };

  describe('of calls', () => {
    const calls = 2;
    beforeAll(() => open({ perDayCalls: calls }));
    afterAll(close);

    it('stops the next one, also of tasks that come at once; their next route takes over', async () => {
      const opened = await Promise.all(Array.from({ length: 8 }, () => desk.escalated(LOST)));
      expect(openai.requests).toHaveLength(calls);
      const stopped = opened.filter(({ task }) => task.attempts[0].provider === 'embedded');
      expect(stopped).toHaveLength(opened.length - calls);
      for (const { task } of stopped) {
        expect(task.reasons).toEqual(['autonomy_not_earned']);
        expect(task.cost.modelMicroUsd).toBe(0);
        const timeline = await ask(bank, `GET /v1/tasks/${task.id}/timeline`, { key: desk.caller });
        expect(timeline.body.steps).toContainEqual(
          expect.objectContaining({ name: 'draft', result: 'The budget allowed no call of openai.' }),
        );
      }
    });

    it('is the reason why a person decides where there is no other route', async () => {
      const { reasons, task, reviewId } = await desk.escalated(
        'Ich habe gestern meine Karte in der Stadt verloren, was jetzt?',
      );
      expect(reasons).toContain('budget_exhausted');
      expect(reasons).not.toContain('provider_unavailable');
      expect(task.attempts).toEqual([]);
      expect(openai.requests).toHaveLength(calls);
      expect((await desk.review(reviewId)).reasons).toContainEqual(
        expect.objectContaining({
          reason: 'budget_exhausted',
          evidence: { per: 'day', counted: 'calls', limit: calls, spent: calls, asked: 1 },
        }),
      );
    });
  });

  describe('of dollars', () => {
    beforeAll(() => open({ perDayUsd: 0.006 }));
    afterAll(close);

    it('gets back what calls did not cost, also those that gave nothing', async () => {
      openai.behave({ kind: 'status', status: 401 });
      for (const provider of ['embedded', 'openai', 'openai']) {
        const { task } = await desk.escalated(LOST);
        expect(task.attempts.at(-1)).toMatchObject({ provider, result: 'ok' });
      }
      expect(openai.requests).toHaveLength(3);
    });

    it('is not gone over by a task that Temporal asks again about: what may have been billed stays spent', async () => {
      openai.behave({ kind: 'status', status: 504 });
      const before = openai.requests.length;
      const { task } = await desk.escalated(LOST);
      expect(openai.requests.length - before).toBe(1);
      expect(task.attempts).toMatchObject([
        { provider: 'openai', result: 'timeout' },
        { provider: 'embedded', result: 'ok' },
      ]);
      expect(task.attempts[0].costMicroUsd).toBeGreaterThanOrEqual(4_096);
    });
  });
});
