import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../api/testApi';
import { openStage, type Stage } from '../replay/stages';
import { take, WAYS } from '../replay/ways';
import type { Opened } from '../support/desk';
import { historyOf, textOfHistory } from '../support/history';

/** A word that is nowhere else. It is put wherever a caller or a reviewer can write. */
const CANARY = 'zanzibarquokka';
/** What an automatic and an escalated task (with claim, webhooks and effect) may cost in events at most. */
const AUTOMATIC_EVENTS = 40;
const ESCALATED_EVENTS = 70;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage('plain');
});
afterAll(() => stage.close());

const particulars = () => ({
  subject: `subject ${CANARY}`,
  reference: `reference ${CANARY}`,
  metadata: { [`key ${CANARY}`]: `value ${CANARY}` },
  callbackUrl: `${stage.receiver.url}?${CANARY}`,
});
const lost = () => stage.desk.escalated(`I lost my card somewhere in town, what now? ${CANARY}`, particulars());
const decide = async (opened: Opened, json: object): Promise<void> => {
  const { status } = await stage.desk.decide(opened, { note: `note ${CANARY}`, ...json });
  expect(status).toBe(200);
};

const CORRECTION = { intent: 'card_lost', reply: `We have blocked the card. ${CANARY}`, factsUsed: [] };

/** Each gives the task's id, and takes it to its end. */
const WITH_CANARY: Readonly<Record<string, () => Promise<string>>> = {
  answered: async () =>
    (await stage.desk.answered(`What is your exchange rate for euros today? ${CANARY}`, particulars())).id,
  approved: async () => {
    const opened = await lost();
    await decide(opened, { action: 'approve' });
    return opened.taskId;
  },
  corrected: async () => {
    const opened = await lost();
    await decide(opened, { action: 'correct', output: CORRECTION });
    return opened.taskId;
  },
  declined: async () => {
    const opened = await lost();
    await decide(opened, { action: 'decline', reasonCode: 'wrong_customer' });
    return opened.taskId;
  },
  revised: async () => {
    const opened = await lost();
    await decide(opened, { action: 'revise', guidance: `This is about card stolen. ${CANARY}` });
    const { digest } = await eventually(
      () => stage.desk.review(opened.reviewId),
      ({ round, status }) => round === 2 && status === 'open',
    );
    await decide({ ...opened, digest }, { action: 'approve' });
    return opened.taskId;
  },
};

describe('what people write', () => {
  it.each(Object.entries(WITH_CANARY))(
    'is nowhere in the history of a task that was %s, nor is the reply',
    async (outcome, go) => {
      const taskId = await go();
      const task = await stage.desk.ended(taskId);
      expect(task.outcome).toBe(outcome === 'revised' ? 'approved' : outcome);
      const sent = await eventually(
        () => Promise.resolve(stage.receiver.of(taskId)),
        (received) => received.some(({ event }) => event === 'task.completed'),
      );
      expect(JSON.stringify(sent)).toContain(CANARY); // What is looked for did come all the way.
      const text = textOfHistory(await historyOf(stage.bank, taskId));
      const reply: string = task.output?.reply ?? 'Larkfield Bank, customer service';
      const written = [CANARY, ...reply.split(/\n+|(?<=\.) /).filter(({ length }) => length > 10)];
      expect(written.length).toBeGreaterThan(1);
      expect(written.filter((each) => text.toLowerCase().includes(each.toLowerCase()))).toEqual([]);
      const known = [taskId, '"classifier":"embedded', '"taskId":"tsk_']; // What must be there, were payloads read rightly.
      expect(known.filter((each) => text.includes(each))).toEqual(known);
    },
  );

  it('is in no log either', () => {
    const logged = stage.bank.logged();
    expect(logged).toContain('/v1/tasks');
    expect(logged.toLowerCase()).not.toContain(CANARY);
    expect(logged).not.toContain('Larkfield Bank');
  });
});

describe('the events of a history', () => {
  it.each([
    ['answered', AUTOMATIC_EVENTS],
    ['claimedAndCalledBack', ESCALATED_EVENTS],
  ])('are few for a task that is %s: at most %i', async (name, most) => {
    const way = WAYS[name];
    if (!way) throw new Error(`there is no way ${name}`);
    const { events } = await historyOf(stage.bank, await take(way, stage));
    expect(events?.length).toBeGreaterThan(10);
    expect(events?.length).toBeLessThanOrEqual(most);
  });
});
