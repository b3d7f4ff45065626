import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { reviewIdOf } from '../../contracts/words/names';
import type { DecisionRecord, ReviewState, Round } from '../../contracts/words/task';
import { acceptTask } from '../../store/acceptTask';
import { keepGoldCase, keepGoldTask, unmetGoldCases } from '../../store/goldCases';
import { projectTask } from '../../store/projectTask';
import { goldTurn } from '../../store/reviewerRecords';
import { readReviewerStandings } from '../../store/reviewerStanding';
import { nextReviewCandidates, waitingGold } from '../../store/reviews';
import type { TenantTx } from '../../store/store';
import {
  AT,
  exampleDecision,
  exampleReview,
  exampleRound,
  exampleState,
  exampleTask,
  minutesLater,
  refOf,
} from './exampleTask';
import { openTestStore, type TestStore } from './testStore';

let test_: TestStore;
let count = 0;
/** Each test asks about a task type of its own. */
let type: string;

beforeAll(async () => {
  test_ = await openTestStore();
});
beforeEach(() => {
  count += 1;
  type = `type-${count}`;
});
afterAll(() => test_.close());

const inAcme = <T>(work: (tx: TenantTx) => Promise<T>): Promise<T> => test_.store.inTenant('acme', work);

function said(by: string, action: DecisionRecord['action'], more: Partial<DecisionRecord> = {}): DecisionRecord {
  return exampleDecision({ id: `${by}-${action}-${(count += 1000)}`, action, by, ...more });
}

interface Deciding {
  readonly key: string;
  readonly revision?: number;
  readonly rounds: readonly Partial<Round>[];
  readonly isGold?: boolean;
}

/** A task as its workflow projects it after people said something of its rounds. */
async function project(tx: TenantTx, { key, revision = 1, rounds, isGold = false }: Deciding): Promise<string> {
  const task = exampleTask(test_.keyring, `${type}/${key}`, { type, isGold });
  await acceptTask(tx, test_.keyring, task);
  const review = exampleReview(task, { rounds: rounds.map((round, at) => exampleRound(at + 1, round)) });
  await projectTask(tx, refOf(task), { state: exampleState(revision, { review }), events: [] });
  return task.taskId;
}

interface Gold {
  readonly rounds?: readonly Partial<Round>[];
  readonly meantFor?: string;
  readonly source?: string;
}

/** A gold item of that kind, meant for `meantFor`, on which the decision was made. */
async function gold(
  tx: TenantTx,
  draft: 'right' | 'wrong',
  { rounds = [], meantFor = 'ann', source = '' }: Gold,
): Promise<string> {
  const name = String((count += 1000));
  const sourceTaskId = source || (await project(tx, { key: `source ${name}`, rounds: [{}] }));
  const id = `gold_${name}`;
  const contentText = `gold/${name}`;
  await keepGoldCase(tx, { id, type, sourceTaskId, draft, contentText, createdBy: 'admin', createdAt: AT });
  const key = `gold ${name}`;
  const taskId = await project(tx, { key, rounds: [{}], isGold: true });
  const start = { contexts: [], attempt: null, draft: { version: 1, digest: 'd', text: 't' }, draftScore: 1 };
  await keepGoldTask(tx, { taskId, caseId: id, draft, meantFor, start, createdAt: AT });
  if (rounds.length > 0) await project(tx, { key, rounds, isGold: true, revision: 2 });
  return taskId;
}

async function standingOf(tx: TenantTx, actor: string) {
  return (await readReviewerStandings(tx, { type })).find((standing) => standing.actor === actor);
}

describe('the records of reviewers', () => {
  test('hold each decision once, however often it is projected, and let go of one that was taken back', () =>
    inAcme(async (tx) => {
      const decision = said('ann', 'approve');
      await project(tx, { key: 'a', rounds: [{ decision }] });
      await project(tx, { key: 'a', rounds: [{ decision }], revision: 2 });
      expect(await standingOf(tx, 'ann')).toMatchObject({ decisions: 1, goldSeen: 0, flag: null });
      await project(tx, { key: 'a', rounds: [{ undone: [{ decision, by: 'ann', at: AT }] }], revision: 3 });
      expect(await standingOf(tx, 'ann')).toBeUndefined();
    }));

  test.each([
    ['at the review', [{}]],
    ['before there was a review', null],
  ])('let go of what was said before a reset, where the new run is %s', (_, rounds) =>
    inAcme(async (tx) => {
      const task = exampleTask(test_.keyring, `${type}/a`, { type });
      await project(tx, { key: 'a', rounds: [{ decision: said('ann', 'approve') }], revision: 5 });
      expect(await standingOf(tx, 'ann')).toMatchObject({ decisions: 1 });
      const review = rounds && exampleReview(task, { rounds: [exampleRound(1)] });
      await projectTask(tx, refOf(task), { state: exampleState(1, { run: 'run-2', review }), events: [] });
      expect(await standingOf(tx, 'ann')).toBeUndefined();
    }),
  );

  test('are not changed by a revision that is older than what the store has', () =>
    inAcme(async (tx) => {
      await project(tx, { key: 'a', rounds: [{ decision: said('ann', 'approve') }], revision: 5 });
      await project(tx, { key: 'a', rounds: [{ decision: said('bob', 'decline') }], revision: 4 });
      expect((await readReviewerStandings(tx, { type })).map(({ actor }) => actor)).toEqual(['ann']);
    }));

  test('compare what several people said of the same draft, and no more than that', () =>
    inAcme(async (tx) => {
      const style = { correctionKind: 'style' } as const;
      const agreeing = { approvals: [said('ann', 'approve')], decision: said('bob', 'correct', style) };
      const second = said('bob', 'decline');
      await project(tx, { key: 'a', rounds: [agreeing] });
      await project(tx, { key: 'b', rounds: [{ approvals: [said('ann', 'approve')], decision: second }] });
      await project(tx, {
        key: 'c',
        rounds: [{ decision: said('ann', 'revise') }, { decision: said('bob', 'approve') }],
      });
      expect(await standingOf(tx, 'ann')).toMatchObject({ decisions: 3, compared: 2, agreed: 1 });
      expect(await standingOf(tx, 'bob')).toMatchObject({ decisions: 3, compared: 2, agreed: 1 });
    }));

  test('count a correction that is an approval of the next round once', () =>
    inAcme(async (tx) => {
      const corrected = said('ann', 'correct', { correctionKind: 'substance' });
      const rounds = [{ decision: corrected }, { approvals: [corrected], decision: said('bob', 'approve') }];
      await project(tx, { key: 'a', rounds });
      expect(await standingOf(tx, 'ann')).toMatchObject({ decisions: 1, compared: 0 });
    }));
});

describe('gold', () => {
  test.each<[string, DecisionRecord['action'], Partial<DecisionRecord>, 'right' | 'wrong', number]>([
    ['an approved wrong draft', 'approve', {}, 'wrong', 1],
    ['a wrong draft whose style was corrected', 'correct', { correctionKind: 'style' }, 'wrong', 1],
    ['a wrong draft that was corrected', 'correct', { correctionKind: 'substance' }, 'wrong', 0],
    ['a wrong draft that was sent back', 'revise', {}, 'wrong', 0],
    [
      'a wrong draft of which an item was declined',
      'approve',
      { items: [{ index: 0, action: 'decline' }] },
      'wrong',
      0,
    ],
    ['a right draft that was declined', 'decline', {}, 'right', 1],
    ['an approved right draft', 'approve', {}, 'right', 0],
  ])('counts %s', (_, action, more, draft, goldMissed) =>
    inAcme(async (tx) => {
      await gold(tx, draft, { rounds: [{ decision: said('ann', action, more) }] });
      expect(await standingOf(tx, 'ann')).toMatchObject({ decisions: 1, goldSeen: 1, goldMissed });
    }),
  );

  test('counts in its first round only, whose draft is known', () =>
    inAcme(async (tx) => {
      await gold(tx, 'wrong', { rounds: [{ decision: said('ann', 'revise') }, { decision: said('ann', 'approve') }] });
      expect(await standingOf(tx, 'ann')).toMatchObject({ decisions: 2, goldSeen: 1, goldMissed: 0 });
    }));

  test('does not count for someone who knew the case: the task it is made of, or other gold of that', () =>
    inAcme(async (tx) => {
      const source = await project(tx, { key: 'source', rounds: [{ decision: said('ann', 'decline') }] });
      await gold(tx, 'wrong', { source, rounds: [{ decision: said('ann', 'approve') }] });
      await gold(tx, 'wrong', { source, rounds: [{ decision: said('bob', 'approve') }] });
      await gold(tx, 'right', { source, rounds: [{ decision: said('bob', 'approve') }] });
      expect(await standingOf(tx, 'ann')).toMatchObject({ decisions: 2, goldSeen: 0 });
      expect(await standingOf(tx, 'bob')).toMatchObject({ decisions: 2, goldSeen: 1, goldMissed: 1 });
    }));

  test.each<[string, DecisionRecord['action'], boolean]>([
    ['flags nobody for their speed', 'decline', false],
    ['flags nobody less for their patience', 'approve', true],
  ])('%s: all that is known of two who decide alike is the same', (_, action, isFlagged) =>
    inAcme(async (tx) => {
      const [quick, patient] = [`fast at ${type}`, `slow at ${type}`];
      for (const [actor, humanSeconds] of [
        [quick, 0],
        [patient, 3600],
      ] as const) {
        for (const each of ['approve', action, 'decline', 'decline'] as const)
          await gold(tx, 'wrong', { rounds: [{ decision: said(actor, each, { humanSeconds }) }] });
        await gold(tx, 'right', { rounds: [{ decision: said(actor, 'approve', { humanSeconds }) }] });
        await project(tx, { key: `daily ${actor}`, rounds: [{ decision: said(actor, 'approve', { humanSeconds }) }] });
      }
      const [fast, slow] = [await standingOf(tx, quick), await standingOf(tx, patient)];
      expect(fast).toMatchObject({ decisions: 6, goldSeen: 5, goldMissed: isFlagged ? 2 : 1 });
      expect(fast?.flag !== null).toBe(isFlagged);
      expect(fast).toEqual({ ...slow, actor: quick });
    }),
  );

  test('flags who misses two of the first four, since the second, whichever type they were of and is asked for', () =>
    inAcme(async (tx) => {
      const actor = `ann at ${type}`;
      const asked = type;
      for (const [minutes, action] of [
        [3, 'approve'],
        [1, 'approve'],
        [2, 'decline'],
      ] as const)
        await gold(tx, 'wrong', { rounds: [{ decision: said(actor, action, { at: minutesLater(minutes) }) }] });
      type = `another than ${asked}`;
      await gold(tx, 'wrong', { rounds: [{ decision: said(actor, 'decline', { at: minutesLater(4) }) }] });
      for (type of [asked, type])
        expect((await standingOf(tx, actor))?.flag).toEqual({ since: minutesLater(3), because: 'probation' });
    }));

  test('waits for whom it is meant, in its queue', () =>
    inAcme(async (tx) => {
      const actor = `ann of ${type}`;
      const waiting = await gold(tx, 'wrong', { meantFor: actor });
      const waits = (of: object) => waitingGold(tx, { actor, roles: ['reviewer'], now: AT, ...of });
      expect(await waits({})).toEqual([{ id: reviewIdOf(waiting) }]);
      expect(await waits({ queue: 'support' })).toHaveLength(1);
      expect(await waits({ queue: 'elsewhere' })).toEqual([]);
      expect(await waits({ actor: 'bob' })).toEqual([]);
    }));

  const claimedBy = (by: string, until: string) => ({ status: 'claimed', claim: { by, since: AT, until } }) as const;
  test.each<[string, (actor: string) => Partial<ReviewState>, boolean]>([
    ['nobody holds it', () => ({}), true],
    ['they hold it', (actor) => claimedBy(actor, minutesLater(1)), false],
    ['another person holds it', () => claimedBy('bob', minutesLater(1)), false],
    ['their claim has run out', (actor) => claimedBy(actor, AT), true],
    ['they asked the caller', () => ({ status: 'waiting_for_caller' }), false],
    ['another draft is being made', () => ({ status: 'revising' }), false],
    ['they have approved it', (by) => ({ rounds: [exampleRound(1, { approvals: [said(by, 'approve')] })] }), false],
    ['it takes another role', () => ({ roles: ['approver'] }), false],
    ['it is decided', () => ({ status: 'closed', closedAt: AT }), false],
  ])('where %s, is given as any other review would be', (_, changes, isGiven) =>
    inAcme(async (tx) => {
      const actor = `ann of ${type}`;
      const taskId = await gold(tx, 'wrong', { meantFor: actor });
      const task = exampleTask(test_.keyring, '', { taskId, type });
      const review = exampleReview(task, { queue: type, ...changes(actor) });
      await projectTask(tx, refOf(task), { state: exampleState(3, { review }), events: [] });
      const request = { actor, roles: ['reviewer'], now: AT, queue: type } as const;
      const given = isGiven ? [review.id] : [];
      expect((await nextReviewCandidates(tx, request)).map(({ id }) => id)).toEqual(given);
      expect((await waitingGold(tx, request)).map(({ id }) => id)).toEqual(given);
    }),
  );

  test('is due by the schedule: what waits for the reviewer counts, what the type lacks is not due', () =>
    inAcme(async (tx) => {
      const actor = `ann of ${type}`;
      const turn = (draw: number) => goldTurn(tx, { actor, type, draw: () => draw });
      expect(await turn(0)).toBeNull();
      await gold(tx, 'wrong', { meantFor: 'bob' });
      expect(await turn(0)).toEqual({ draft: 'wrong', decisionsSoFar: 0 });
      expect(await turn(0.99)).toBeNull();
      for (let waiting = 0; waiting < 4; waiting++) await gold(tx, 'wrong', { meantFor: actor });
      expect(await turn(0)).toEqual({ draft: 'right', decisionsSoFar: 0 });
      await project(tx, { key: 'a', rounds: [{ decision: said(actor, 'approve') }] });
      expect(await turn(0)).toEqual({ draft: 'right', decisionsSoFar: 1 });
    }));

  test('is chosen among cases that the reviewer has not met, and never of their own task', () =>
    inAcme(async (tx) => {
      const unmet = async (actor: string) =>
        (await unmetGoldCases(tx, { actor, type, draft: 'wrong' })).map(({ sourceTaskId }) => sourceTaskId);
      const decided = await project(tx, { key: 'source', rounds: [{ decision: said('ann', 'decline') }] });
      await gold(tx, 'wrong', { source: decided, meantFor: 'bob' });
      expect(await unmet('ann')).toEqual([]);
      expect(await unmet('bob')).toEqual([]);
      expect(await unmet('key_1')).toEqual([]);
      expect(await unmet('eve')).toEqual([decided]);
    }));
});
