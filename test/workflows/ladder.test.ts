import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ask, eventually } from '../api/testApi';
import { FALLBACK, openStage, type Stage } from '../replay/stages';
import { openTestBank, type TestBank } from '../support/bank';
import { type Desk, type Opened, openDesk } from '../support/desk';
import { startReceiver } from '../support/receiver';
import { replayFailures } from '../support/history';
import { forge, mint, signalDecide } from '../support/tokens';
import { kindsOf, trailOf } from '../support/trail';

const LOST = 'I lost my card somewhere in town, what now?';

const rungsOf = async (bank: TestBank, taskId: string) =>
  (await kindsOf(bank, taskId)).filter((kind) => kind === 'reminded' || kind === 'fell_back');
const postsFor = (bank: TestBank, taskId: string) =>
  bank.crm.requests.filter(({ method, idempotencyKey }) => method === 'POST' && idempotencyKey?.startsWith(taskId));

describe('a review that nobody decides', () => {
  let stage: Stage;
  let bank: TestBank;
  let desk: Desk;

  beforeAll(async () => {
    stage = await openStage('hasty');
    ({ bank, desk } = stage);
  });
  afterAll(() => stage.close());

  it('reminds, and then gives the declared fallback, without effects', async () => {
    const opened = await desk.escalated(LOST, { callbackUrl: stage.receiver.url });
    const task = await desk.ended(opened.taskId);
    expect(task).toMatchObject({
      outcome: 'fell_back',
      output: FALLBACK,
      permit: { kind: 'fallback', by: 'policy' },
      review: { status: 'closed' },
    });
    const { reminders, closedBy, ladder } = await desk.review(opened.reviewId);
    expect({ reminders, closedBy }).toEqual({ reminders: 2, closedBy: 'timeout' });
    expect(ladder.map(({ kind, doneAt }: { kind: string; doneAt: string | null }) => [kind, doneAt !== null])).toEqual([
      ['remind', true],
      ['remind', true],
      ['fall_back', true],
    ]);
    expect(postsFor(bank, opened.taskId)).toEqual([]);
    const sent = await eventually(
      () => Promise.resolve(stage.receiver.of(opened.taskId)),
      (received) => received.length === 4,
    );
    const events = sent.map(({ event }) => event).sort();
    expect(events).toEqual(['review.opened', 'review.overdue', 'review.overdue', 'task.completed']);
    expect(new Set(sent.map(({ headers }) => headers['webhook-id'])).size).toBe(4);
  });

  it('takes no decision after the fallback, and says that the policy was quicker', async () => {
    const opened = await desk.escalated(LOST);
    await desk.ended(opened.taskId);
    const late = await desk.decide(opened, { action: 'approve' });
    expect(late.status).toBe(409);
    expect(late.body).toMatchObject({ code: 'already_decided', decidedBy: 'policy', decidedAction: 'fall_back' });
    expect(postsFor(bank, opened.taskId)).toEqual([]);
  });

  it('is never approved by silence, whatever else people do', async () => {
    const seed = Number(process.env.FAST_CHECK_SEED ?? 20_260_301);
    const samples = fc.sample(
      fc.record({ message: fc.constantFrom(...MESSAGES), deeds: fc.array(deed, { maxLength: 4 }) }),
      { seed, numRuns: 12 },
    );
    const endings = await Promise.all(
      samples.map(async ({ message, deeds }) => {
        const opened = await desk.escalated(message);
        for (const each of deeds) await act(each, { bank, desk, opened });
        const { outcome, permit, output } = await desk.ended(opened.taskId);
        return { outcome, kind: permit.kind, output, posts: postsFor(bank, opened.taskId).length };
      }),
    );
    for (const ending of endings)
      expect(ending).toEqual({ outcome: 'fell_back', kind: 'fallback', output: FALLBACK, posts: 0 });
  });

  it('and every history of these replays', async () => {
    expect(await replayFailures(bank)).toEqual({});
  });
});

const MESSAGES = [
  LOST,
  'What is your exchange rate for euros today?',
  'Who won the football world cup in 1998?',
  '???',
];
/** What people do short of a decision that takes effect. */
const deed = fc.constantFrom('claim', 'release', 'revise', 'stale approval', 'forged approval', 'garbage');

async function act(
  what: string,
  { bank, desk, opened }: { bank: TestBank; desk: Desk; opened: Opened },
): Promise<void> {
  const { reviewId, taskId } = opened;
  switch (what) {
    case 'claim':
    case 'release':
      return void (await ask(bank, `POST /v1/reviews/${reviewId}/${what}`, {
        key: desk.ann,
        ...(what === 'claim' && { json: {} }),
      }));
    case 'revise':
      return void (await desk.decide(opened, { action: 'revise', guidance: 'Say it in other words.' }));
    case 'stale approval':
      return void (await desk.decide({ ...opened, digest: 'f'.repeat(64) }, { action: 'approve' }));
    case 'forged approval': {
      const minted = await mint(bank, opened, {
        as: desk.ann,
        json: { action: 'decline', reasonCode: 'approve' },
      }).catch(() => null);
      return minted === null ? undefined : signalQuietly(bank, taskId, forge(minted));
    }
    default:
      return signalQuietly(bank, taskId, { approve: true });
  }
}

/** A task that has ended already takes no signal, which is as good. */
async function signalQuietly(bank: TestBank, taskId: string, token: unknown): Promise<void> {
  await signalDecide(bank, taskId, token).catch((error: unknown) => {
    if (!(error instanceof Error) || error.name !== 'WorkflowNotFoundError') throw error;
  });
}

it('a ladder that came due while no worker ran is climbed rung by rung, each once', async () => {
  const bank = await openTestBank({
    remindAfterSeconds: [4, 5],
    onTimeout: { kind: 'fall_back', afterSeconds: 6, output: FALLBACK },
  });
  try {
    const desk = await openDesk(bank);
    const opened = await desk.escalated(LOST);
    await bank.stopWorkers();
    expect(await rungsOf(bank, opened.taskId)).toEqual([]);
    const { ladder } = await desk.review(opened.reviewId);
    const last = Date.parse(ladder.at(-1).at);
    await eventually(
      () => Promise.resolve(Date.now()),
      (now) => now > last + 100,
    );
    expect(await rungsOf(bank, opened.taskId)).toEqual([]);
    await bank.startWorkers();
    expect(await desk.ended(opened.taskId)).toMatchObject({ outcome: 'fell_back', output: FALLBACK });
    expect(await rungsOf(bank, opened.taskId)).toEqual(['reminded', 'reminded', 'fell_back']);
    const due = (await trailOf(bank, opened.taskId))
      .flatMap(({ kind, facts }) => (kind === 'escalated' ? [] : [facts['dueAt']]))
      .filter(Boolean);
    expect(due).toEqual(ladder.map(({ at }: { at: string }) => at));
    expect((await desk.review(opened.reviewId)).reminders).toBe(2);
    expect(await replayFailures(bank)).toEqual({});
  } finally {
    await bank.close();
  }
});

it('a ladder that widens puts the review before more people, in a second queue, and says when it is overdue', async () => {
  const receiver = await startReceiver();
  const bank = await openTestBank({
    review: {
      ...{ role: 'approver', remindAfterSeconds: [1], onTimeout: { kind: 'keep_waiting' } },
      ladder: [
        { kind: 'widen', afterSeconds: 3, toQueue: 'support-leads', toRole: 'lead' },
        { kind: 'overdue', afterSeconds: 4 },
      ],
    },
  });
  try {
    const desk = await openDesk(bank);
    const lead = await bank.key(['reviews:read', 'reviews:decide', 'reviews:lead']);
    const opened = await desk.escalated(LOST, { callbackUrl: receiver.url });
    const early = await desk.decide(opened, { action: 'approve' }, lead);
    expect([early.status, early.body.code, early.body.role]).toEqual([403, 'role_required', 'approver']);
    const overdue = await eventually(
      () => kindsOf(bank, opened.taskId),
      (kinds) => kinds.includes('overdue'),
    );
    const rungs = overdue.filter((kind) => ['reminded', 'widened', 'overdue'].includes(kind));
    expect(rungs).toEqual(['reminded', 'widened', 'overdue']);
    expect((await desk.review(opened.reviewId)).deciding.roles).toEqual(['approver', 'lead']);
    for (const queue of ['support', 'support-leads']) {
      const { items } = (await ask(bank, `GET /v1/reviews?queue=${queue}`, { key: lead })).body;
      expect(items.map(({ id }: { id: string }) => id)).toContain(opened.reviewId);
    }
    const events = await eventually(
      () => Promise.resolve(receiver.of(opened.taskId).map(({ event }) => event)),
      (all) => all.includes('review.overdue'),
    );
    expect(events.filter((event) => event === 'review.overdue')).toHaveLength(1);
    const stillRefused = await desk.decide(opened, { action: 'approve' }, desk.ann);
    expect([stillRefused.status, stillRefused.body.code]).toEqual([403, 'role_required']);
    expect((await desk.decide(opened, { action: 'approve' }, lead)).status).toBe(200);
    expect(await desk.ended(opened.taskId)).toMatchObject({ outcome: 'approved' });
    expect(await replayFailures(bank)).toEqual({});
  } finally {
    await bank.close();
    await receiver.close();
  }
});

it('the times of a ladder count within the business hours of its queue', async () => {
  const dayAfterTomorrow = new Date(Date.now() + 2 * 86_400_000);
  const day = String(dayAfterTomorrow.getUTCDay() === 0 ? 7 : dayAfterTomorrow.getUTCDay());
  const hours = { queue: 'support', timeZone: 'UTC', days: { [day]: { from: '09:00', to: '17:00' } } };
  const bank = await openTestBank({
    review: { remindAfterSeconds: [1_800] },
    env: { COUNTERSIGN_QUEUE_HOURS: JSON.stringify([hours]) },
  });
  try {
    const desk = await openDesk(bank);
    const opened = await desk.escalated(LOST);
    const at = new Date((await desk.review(opened.reviewId)).ladder[0].at as string);
    expect(at.toISOString().slice(0, 10)).toBe(dayAfterTomorrow.toISOString().slice(0, 10));
    // Half an hour after nine, and by the jitter at most 60 s later.
    const secondsAfterNine = (at.getUTCHours() - 9) * 3_600 + at.getUTCMinutes() * 60 + at.getUTCSeconds();
    expect(secondsAfterNine).toBeGreaterThanOrEqual(1_800);
    expect(secondsAfterNine).toBeLessThanOrEqual(1_860);
  } finally {
    await bank.close();
  }
});

it('rungs that come due while refused decisions rain, which leave nothing in the history, replay', async () => {
  const bank = await openTestBank({ remindAfterSeconds: [1, 2, 3, 4], onTimeout: { kind: 'keep_waiting' } });
  try {
    const desk = await openDesk(bank);
    const opened = await Promise.all(Array.from({ length: 4 }, () => desk.escalated(LOST)));
    await eventually(
      async () => {
        const stale = opened.map((each) => desk.decide({ ...each, digest: 'f'.repeat(64) }, { action: 'approve' }));
        await Promise.all(stale);
        const { taskId } = opened[3] ?? { taskId: '' };
        return (await rungsOf(bank, taskId)).length;
      },
      (count) => count === 4,
    );
    expect(await replayFailures(bank)).toEqual({});
  } finally {
    await bank.close();
  }
});
