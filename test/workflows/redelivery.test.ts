import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { HttpStatusError } from '../../tasks/define';
import type { ResolvedTask } from '../../tasks/resolve';
import { openTestBank, type TestBank } from '../support/bank';
import { replayFailures } from '../support/history';
import { redeploy } from '../support/redeploy';
import { openRefundDesk, type RefundCase, type RefundDesk } from '../support/refundDesk';

type Deliver = Parameters<NonNullable<NonNullable<Parameters<typeof openTestBank>[0]>['wrap']>>[0]['deliver'];

const FREE = { undoSeconds: 0, isClaimRequired: false };
const STRICTER: Partial<ResolvedTask> = {
  approvalRules: [{ name: 'always_two', when: () => true, approvals: 2, approvers: 0 }],
};
const OTHER_OUTPUT: Partial<ResolvedTask> = { output: z.strictObject({ verdict: z.string() }) };
const OTHER_INPUT: Partial<ResolvedTask> = { input: z.strictObject({ parcel: z.string() }) };

let bank: TestBank;
let desk: RefundDesk;
let shipped: ResolvedTask;
/** How a worker delivers; each test may have the next attempt go otherwise. */
let deliver: (work: Deliver) => Deliver = (work) => work;

beforeAll(async () => {
  bank = await openTestBank({
    refund: { review: FREE },
    wrap: (activities) => ({ ...activities, deliver: (request) => deliver(activities.deliver)(request) }),
  });
  desk = await openRefundDesk(bank);
  shipped = redeploy(bank, {});
});
beforeEach(() => {
  deliver = (work) => work;
  redeploy(bank, shipped);
});
afterAll(() => bank.close());

/** The next attempt is the last of its worker, and the one after it runs on another version of the task type. */
function killedBefore(change: Partial<ResolvedTask>): void {
  deliver = (work) => async (request) => {
    deliver = (next) => next;
    try {
      await work(request);
    } catch {
      // Nobody hears of it.
    }
    redeploy(bank, change);
    throw new Error('the worker was killed');
  };
}

/** From now on effects are not answered, whether they are done or not. */
function loseConnection({ isDone }: { readonly isDone: boolean }): void {
  const effects = shipped.effects.map((effect): (typeof shipped.effects)[number] => ({
    ...effect,
    perform: async (...asked) => {
      if (isDone) await effect.perform(...asked);
      throw new Error('the connection was lost');
    },
  }));
  redeploy(bank, { effects });
}

async function evidenceOf({ reviewId }: RefundCase): Promise<readonly object[]> {
  const { reasons } = await desk.review(reviewId);
  return reasons.map(({ evidence }: { evidence: object }) => evidence);
}

describe('a delivery whose refund was made when its worker was killed', () => {
  it.each([
    ['asks for more people', STRICTER],
    ['has another output', OTHER_OUTPUT],
    ['has another input', OTHER_INPUT],
  ])('is finished by a worker whose task type %s', async (_, change) => {
    const opened = await desk.refund();
    killedBefore(change);
    await desk.decide(opened, { action: 'approve' });
    expect(await desk.ended(opened.taskId)).toMatchObject({ outcome: 'approved' });
    expect(desk.paid(opened)).toHaveLength(1);
  });

  it('is finished as well where the refund was not recorded', async () => {
    const opened = await desk.refund();
    // Done, and neither answered nor recorded: only the payment service knows.
    loseConnection({ isDone: true });
    killedBefore({ ...STRICTER, effects: shipped.effects });
    await desk.decide(opened, { action: 'approve' });
    expect(await desk.ended(opened.taskId)).toMatchObject({ outcome: 'approved' });
    expect(desk.paid(opened)).toHaveLength(1);
  });
});

it('a delivery that had begun and done nothing is judged by the rules that there are now', async () => {
  const opened = await desk.refund();
  loseConnection({ isDone: false });
  killedBefore({ ...STRICTER, effects: shipped.effects });
  await desk.decide(opened, { action: 'approve' });
  await desk.round(opened, 2);
  expect(await desk.review(opened.reviewId)).toMatchObject({ needed: { rule: 'always_two', missing: 2 } });
  expect(desk.paid(opened)).toEqual([]);
});

it('a task whose type takes another input by now goes back to a person, who can decline it', async () => {
  const opened = await desk.refund();
  redeploy(bank, OTHER_INPUT);
  await desk.decide(opened, { action: 'approve' });
  const again = await desk.round(opened, 2);
  expect(await evidenceOf(opened)).toContainEqual({ failure: 'input_invalid' });
  await desk.decide(again, { action: 'decline' });
  expect(await desk.ended(opened.taskId)).toMatchObject({ outcome: 'declined' });
  expect(desk.paid(opened)).toEqual([]);
});

describe('a refund that was made before another effect was refused', () => {
  /** The refund is made, and whoever is told of it says no; until they are asked again, when they agree. */
  async function refused(): Promise<RefundCase> {
    let isAgreed = false;
    const tellShop: ResolvedTask['effects'][number] = {
      name: 'tell_shop',
      describe: () => 'The shop is told.',
      request: () => ({}),
      perform: () => {
        if (isAgreed) return Promise.resolve('done');
        isAgreed = true;
        return Promise.reject(new HttpStatusError(422));
      },
    };
    redeploy(bank, { effects: [...shipped.effects, tellShop] });
    const opened = await desk.refund();
    await desk.decide(opened, { action: 'approve' });
    const again = await desk.round(opened, 2);
    expect(desk.paid(opened)).toMatchObject([{ amountMinor: 4_000 }]);
    return again;
  }

  const outputs = {
    less: { decision: 'partial_refund', amountMinor: 2_000 },
    nothing: { decision: 'no_refund', amountMinor: 0 },
    all: { decision: 'refund', amountMinor: 4_000 },
  } as const;

  /** Corrects what the refund was made for. */
  async function corrected(opened: RefundCase, to: keyof typeof outputs): Promise<void> {
    const { decision, amountMinor } = outputs[to];
    const { draft } = await desk.review(opened.reviewId);
    const line = { sku: 'TEAPOT-BLUE', quantity: 1, amountMinor, reason: 'damaged' };
    const lines = amountMinor === 0 ? [] : [line];
    const message = `Hello, we refund ${to}.`;
    const output = { ...draft.output, decision, lines, totalMinor: amountMinor, message };
    const { status, body } = await desk.decide(opened, { action: 'correct', output });
    expect([status, body.errors]).toEqual([200, undefined]);
  }

  it.each(['less', 'nothing'] as const)('is not told to be %s', async (to) => {
    const opened = await refused();
    await corrected(opened, to);
    const third = await desk.round(opened, 3);
    expect(await evidenceOf(opened)).toContainEqual({ failure: 'effect_done_otherwise', effect: 'refund_payment' });
    expect(await desk.task(opened.taskId)).toMatchObject({ output: null });
    await corrected(third, 'all');
    expect(await desk.ended(opened.taskId)).toMatchObject({ outcome: 'corrected', output: { totalMinor: 4_000 } });
    expect(desk.paid(opened)).toHaveLength(1);
  });

  it('is told in other words, and not made again', async () => {
    const opened = await refused();
    await corrected(opened, 'all');
    expect(await desk.ended(opened.taskId)).toMatchObject({ outcome: 'corrected', output: { totalMinor: 4_000 } });
    expect(desk.paid(opened)).toHaveLength(1);
  });
});

it('and every history of these replays', async () => {
  expect(await replayFailures(bank)).toEqual({});
});
