import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApi } from '../../api/server';
import { goods } from '../../fakes/ordersSample';
import { StoreUnavailableError } from '../../store/StoreUnavailableError';
import { openTestBank, type TestBank } from '../support/bank';
import { replayFailures } from '../support/history';
import { openRefundDesk, type RefundDesk } from '../support/refundDesk';
import { trailOf } from '../support/trail';
import { ask, newKey } from './testApi';

let bank: TestBank;
let desk: RefundDesk;

beforeAll(async () => {
  bank = await openTestBank({ refund: { review: { undoSeconds: 0, isClaimRequired: false } } });
  desk = await openRefundDesk(bank);
});
afterAll(() => bank.close());

const inBulk = (decisions: readonly object[], key = newKey(), as = desk.ann) =>
  ask(bank, 'POST /v1/reviews/decisions', { key: as, json: { decisions }, headers: { 'idempotency-key': key } });
/** An API on the same installation whose clock runs that much faster. */
async function hasty<T>(times: number, work: (api: { readonly url: string }) => Promise<T>): Promise<T> {
  const startedAt = Date.now();
  const clock = () => new Date(startedAt + (Date.now() - startedAt) * times);
  const api = await startApi({ ...bank.dependencies, clock });
  try {
    return await work(api);
  } finally {
    await api.close();
  }
}
const statuses = ({ body }: { body: { results: { status: number; problem: { code: string } | null }[] } }) =>
  body.results.map(({ status, problem }) => [status, problem?.code ?? null]);

describe('many decisions in one call', () => {
  it('are made each by itself: what is refused stops no other, and the answers are in order', async () => {
    const all = await Promise.all(Array.from({ length: 12 }, () => desk.refund()));
    const decisions = all.map(({ reviewId, digest }) => ({ reviewId, digest, action: 'approve' }));
    await desk.decide(all[2] ?? never(), { action: 'decline' }, desk.ben);
    const bad = [
      { ...decisions[4], digest: 'f'.repeat(64) },
      { ...decisions[5], reviewId: 'rev_00000000000000000000000000' },
      { ...decisions[6], action: 'revise' },
    ];
    const key = newKey();
    const mixed = [...decisions.slice(0, 4), ...bad, ...decisions.slice(7)];
    const answer = await inBulk(mixed, key);
    expect(answer.status).toBe(200);
    const ok = [200, null];
    expect(statuses(answer)).toEqual([
      ...[ok, ok, [409, 'already_decided'], ok, [409, 'stale_digest'], [404, 'review_unknown']],
      ...[[422, 'guidance_required'], ok, ok, ok, ok, ok],
    ]);
    expect(statuses(await inBulk(mixed, key))).toEqual(statuses(answer));
    for (const index of [0, 1, 3, 7, 8, 9, 10, 11]) {
      const each = all[index] ?? never();
      expect(await desk.ended(each.taskId)).toMatchObject({ outcome: 'approved' });
      expect(desk.paid(each)).toHaveLength(1);
    }
    for (const index of [2, 4, 5, 6]) expect(desk.paid(all[index] ?? never())).toEqual([]);
    const refused = (await trailOf(bank, all[4]?.taskId ?? '')).find(({ kind }) => kind === 'decision_refused');
    expect(refused?.facts).toMatchObject({ code: 'stale_digest', surface: 'bulk' });
  });

  it('are not all waited for while no worker answers: what was not asked in time is told, and is asked for again', async () => {
    const both = await Promise.all([desk.refund(), desk.refund()]);
    const decisions = Array.from({ length: 12 }, (_, index) => {
      const { reviewId, digest } = both[index % 2] ?? never();
      return { reviewId, digest, action: 'approve', idempotencyKey: newKey() };
    });
    await bank.stopWorkers();
    // Each is waited for for 5 s, which are 20 s by this clock.
    const asking = { key: desk.ann, json: { decisions } };
    const early = await hasty(4, (api) => ask(api, 'POST /v1/reviews/decisions', asking));
    await bank.startWorkers();
    expect([early.status, statuses(early)]).toEqual([
      200,
      [...Array(8).fill([202, 'not_yet_decided']), ...Array(4).fill([503, 'unavailable'])],
    ]);
    const again = statuses(await inBulk(decisions));
    expect(new Set(again.map(([, code]) => code))).toEqual(new Set([null, 'already_decided']));
    for (const { taskId } of both) expect(await desk.ended(taskId)).toMatchObject({ outcome: 'approved' });
  });

  it('are at most 200', async () => {
    const one = { reviewId: 'rev_00000000000000000000000000', digest: 'f'.repeat(64), action: 'approve' };
    expect((await inBulk(Array.from({ length: 201 }, () => one))).status).toBe(422);
    expect((await inBulk([])).status).toBe(422);
    const most = await inBulk(Array.from({ length: 200 }, () => one));
    expect([most.status, most.body.results.length]).toEqual([200, 200]);
  });
});

describe('a decision without an Idempotency-Key', () => {
  const keyIn = ({ headers }: { readonly headers: Headers }) => headers.get('idempotency-key') ?? '';
  const decide = (call: string, json: object, key?: string) =>
    ask(bank, call, { key: desk.ann, json, headers: key === undefined ? {} : { 'idempotency-key': key } });

  it('is told the one that was made, with which it is asked for again', async () => {
    const { reviewId, digest } = await desk.refund();
    const call = `POST /v1/reviews/${reviewId}/decision`;
    const refused = await decide(call, { action: 'approve', digest: 'f'.repeat(64) });
    expect([refused.status, keyIn(refused)]).toEqual([409, expect.stringMatching(/^[0-9a-f-]{36}$/)]);
    const decided = await decide(call, { action: 'approve', digest });
    expect([decided.status, keyIn(decided)]).toEqual([200, expect.stringMatching(/^[0-9a-f-]{36}$/)]);
    const again = await decide(call, { action: 'approve', digest }, keyIn(decided));
    expect([again.status, keyIn(again), again.headers.get('idempotent-replayed')]).toEqual([
      200,
      keyIn(decided),
      'true',
    ]);
  });

  it('is told it in bulk, too, and where nothing can be reached', async () => {
    const { reviewId, digest } = await desk.refund();
    const decisions = [{ reviewId, digest, action: 'decline' }];
    const first = await decide('POST /v1/reviews/decisions', { decisions });
    const again = await decide('POST /v1/reviews/decisions', { decisions }, keyIn(first));
    expect([statuses(again), again.body]).toEqual([[[200, null]], first.body]);
    const { dependencies } = bank;
    const inTenant = () => Promise.reject(new StoreUnavailableError(new Error('cut off')));
    const cutOff = await startApi({ ...dependencies, store: { ...dependencies.store, inTenant } });
    try {
      const json = { action: 'approve', digest };
      const lost = await ask(cutOff, `POST /v1/reviews/${reviewId}/decision`, { key: desk.ann, json });
      expect([lost.status, lost.body.code, keyIn(lost)]).toEqual([503, 'unavailable', expect.stringMatching(/./)]);
    } finally {
      await cutOff.close();
    }
  });
});

describe('a draft of several items', () => {
  const TWO = {
    lines: [
      goods('TEAPOT-BLUE', 'Teapot, blue', { unitPaidMinor: 4_000 }),
      goods('CUP-BLUE', 'Cup, blue', { unitPaidMinor: 900 }),
    ],
  };

  it('is decided item by item: what is declined is not paid, and the sum follows', async () => {
    const opened = await desk.refundAll(TWO);
    const { draft } = await desk.review(opened.reviewId);
    expect(draft.output.lines).toHaveLength(2);
    const items = [
      { index: 0, action: 'approve' },
      { index: 1, action: 'decline' },
    ];
    const { status, body } = await desk.decide(opened, { action: 'correct', items });
    expect([status, body.code]).toEqual([200, undefined]);
    expect(body.decision.items).toEqual(items);
    const task = await desk.ended(opened.taskId);
    expect(task).toMatchObject({ outcome: 'corrected', output: { decision: 'partial_refund' } });
    expect(task.output.lines).toEqual([draft.output.lines[0]]);
    expect(desk.paid(opened)).toMatchObject([{ amountMinor: draft.output.lines[0].amountMinor }]);
  });

  it.each([
    ['an item is left out', [{ index: 0, action: 'approve' }], 'approve', '/items'],
    [
      'an item is named twice',
      [
        { index: 0, action: 'approve' },
        { index: 0, action: 'approve' },
      ],
      'approve',
      '/items',
    ],
    [
      'the whole says otherwise',
      [
        { index: 0, action: 'decline' },
        { index: 1, action: 'approve' },
      ],
      'approve',
      '/action',
    ],
    [
      'a correction has no output',
      [
        { index: 0, action: 'correct' },
        { index: 1, action: 'approve' },
      ],
      'correct',
      '/items/0/output',
    ],
  ])('is refused where %s', async (_, items, action, path) => {
    const opened = await desk.refundAll(TWO);
    const { status, body } = await desk.decide(opened, { action, items });
    expect([status, body.code, body.errors?.[0]?.path]).toEqual([422, 'input_invalid', path]);
    expect(desk.paid(opened)).toEqual([]);
  });

  it('whose items become something that is not valid is refused', async () => {
    const opened = await desk.refundAll(TWO);
    const items = [
      { index: 0, action: 'correct', output: { sku: 'TEAPOT-BLUE' } },
      { index: 1, action: 'approve' },
    ];
    const { status, body } = await desk.decide(opened, { action: 'correct', items });
    expect([status, body.code]).toEqual([422, 'output_invalid']);
  });
});

it('a note is for other people, and changes nothing', async () => {
  const opened = await desk.refund();
  const text = 'The customer called twice about this.';
  const noted = await desk.act('notes', opened, desk.ben, { text });
  expect([noted.status, noted.body.text]).toEqual([201, text]);
  const review = await desk.review(opened.reviewId);
  expect(review).toMatchObject({ status: 'open', digest: opened.digest });
  expect(review.notes).toMatchObject([{ kind: 'note', round: null, text }]);
});

it('and every history of these replays', async () => {
  expect(await replayFailures(bank)).toEqual({});
});

function never(): never {
  throw new TypeError('there is no such review');
}
