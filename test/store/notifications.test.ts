import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { acceptTask } from '../../store/acceptTask';
import { createMember, deactivateMember, type MemberDetails } from '../../store/members';
import {
  endAttempt,
  keepSlackMessage,
  listNotifications,
  readSlackMessage,
  retryNotification,
  takeDueNotifications,
} from '../../store/outbox';
import { projectTask } from '../../store/projectTask';
import { queueNotifications, type TellingBy } from '../../store/queueNotifications';
import { ensureTenant } from '../../store/tenants';
import { asOwner } from './asOwner';
import { AT, exampleEvent, exampleReview, exampleState, exampleTask, minutesLater, refOf } from './exampleTask';
import { openTestStore, type TestStore } from './testStore';

let test_: TestStore;
let tasks = 0;
beforeAll(async () => {
  test_ = await openTestStore();
  await test_.store.asSystem((tx) => ensureTenant(tx, { id: 'globex', name: 'Globex', createdAt: AT }));
});
beforeEach(() =>
  asOwner(test_.store, 'acme', async (db) => {
    for (const table of ['slack_messages', 'notifications', 'members'])
      await sql`delete from ${sql.table(table)}`.execute(db);
  }),
);
afterAll(() => test_.close());

const EMAIL: TellingBy = { email: true, slackChannels: null };
const SLACK: TellingBy = { email: false, slackChannels: { support: 'C0SUPPORT' } };

async function member(name: string, details: Partial<MemberDetails> = {}): Promise<string> {
  const addresses = { email: `${name}@example.com`, slackUserId: `U0${name.toUpperCase()}` };
  const all = { name, roles: ['reviewer'] as const, queues: [], locale: null, addresses, ...details };
  const made = await test_.store.inTenant('acme', (tx) => createMember(tx, test_.keyring, { details: all, at: AT }));
  return made.id;
}

interface Happened {
  readonly kind: string;
  readonly facts?: Record<string, string | number | null>;
  readonly actor?: string;
  readonly review?: Record<string, unknown>;
}

/** A task with a review in the queue support, to which things happen. */
async function reviewed(submitter = 'key_shop') {
  const task = { ...exampleTask(test_.keyring, `told ${(tasks += 1)}`), submitter };
  await test_.store.inTenant('acme', (tx) => acceptTask(tx, test_.keyring, task));
  let revision = 0;
  const happens = async (by: TellingBy, { kind, facts = {}, actor = 'policy', review = {} }: Happened) => {
    revision += 1;
    const state = exampleState(revision, { review: { ...exampleReview(task), queue: 'support', ...review } });
    const events = [{ ...exampleEvent(`run/${revision}/${kind}`), kind, facts, actor }];
    await test_.store.inTenant('acme', async (tx) => {
      await projectTask(tx, refOf(task), { state, events });
      // A projection may be repeated.
      for (let times = 0; times < 2; times += 1) await queueNotifications(tx, refOf(task), { state, events, by });
    });
  };
  return { task, happens };
}

const queued = async () => (await test_.store.inTenant('acme', (tx) => listNotifications(tx, { limit: 200 }))).items;
const take = (at = AT, limit = 10) =>
  test_.store.inTenant('acme', (tx) => takeDueNotifications(tx, { at, until: minutesLater(2), limit }));
const end = (row: { id: number; attempts: number }, outcome: Parameters<typeof endAttempt>[2]['end']) =>
  test_.store.inTenant('acme', (tx) => endAttempt(tx, row, { end: outcome, at: AT }));

describe('an escalation', () => {
  test('calls the active members of the queue who may decide and have an address, once each', async () => {
    const everywhere = await member('ann');
    const support = await member('ben', { queues: ['support'], roles: ['approver'] });
    await member('cy', { queues: ['invoices'] });
    await member('di', { roles: ['auditor', 'admin'] });
    await member('eva', { addresses: { email: null, slackUserId: 'U0EVA2' } });
    const gone = await member('flo');
    await test_.store.inTenant('acme', (tx) => deactivateMember(tx, { id: gone, at: AT }));
    const submitter = await member('gil');
    const { happens } = await reviewed(submitter);
    await happens(EMAIL, { kind: 'escalated' });
    const rows = await queued();
    expect(rows.map(({ recipient }) => recipient).sort()).toEqual([everywhere, support].sort());
    expect(rows[0]).toMatchObject({ kind: 'escalated', channel: 'email', state: 'pending', round: 1, attempts: 0 });
  });

  test('queues nothing where no channel is configured', async () => {
    await member('ann');
    const { happens } = await reviewed();
    await happens({ email: false, slackChannels: null }, { kind: 'escalated' });
    expect(await queued()).toEqual([]);
  });

  test('goes to the channel of the queue, and to members where there is none', async () => {
    const ann = await member('ann');
    const { happens } = await reviewed();
    await happens(SLACK, { kind: 'escalated' });
    await happens({ email: false, slackChannels: {} }, { kind: 'escalated' });
    await happens({ email: false, slackChannels: { '*': 'C0ALL' } }, { kind: 'escalated' });
    expect((await queued()).map(({ recipient }) => recipient)).toEqual(['C0SUPPORT', ann, 'C0ALL']);
  });
});

describe('the ladder and the lead', () => {
  test('widening calls those who were not called in this round', async () => {
    const first = await member('ann', { queues: ['support'] });
    const added = await member('ben', { queues: ['second line'] });
    const { happens } = await reviewed();
    await happens(EMAIL, { kind: 'escalated' });
    await happens(EMAIL, { kind: 'widened', review: { alsoQueue: 'second line' } });
    const rows = await queued();
    expect(rows.map(({ kind, recipient }) => [kind, recipient])).toEqual([
      ['escalated', first],
      ['widened', added],
    ]);
  });

  test('giving a review to somebody calls that one, unless they took it themselves', async () => {
    const ann = await member('ann');
    await member('ben');
    const { happens } = await reviewed();
    await happens(EMAIL, { kind: 'assigned', facts: { to: ann }, actor: 'mem_lead' });
    await happens(EMAIL, { kind: 'assigned', facts: { to: ann }, actor: ann });
    expect((await queued()).map(({ recipient }) => recipient)).toEqual([ann]);
  });
});

describe('a decision', () => {
  test('brings messages up to date where some are, or are on their way', async () => {
    const { happens } = await reviewed();
    await happens(SLACK, { kind: 'decided' });
    expect(await queued()).toEqual([]);
    await happens(SLACK, { kind: 'escalated' });
    await happens(SLACK, { kind: 'decided' });
    expect((await queued()).map(({ kind }) => kind)).toEqual(['escalated', 'changed']);
  });

  test('mails nobody', async () => {
    await member('ann');
    const { happens } = await reviewed();
    await happens(EMAIL, { kind: 'escalated' });
    await happens(EMAIL, { kind: 'decided' });
    expect((await queued()).map(({ kind }) => kind)).toEqual(['escalated']);
  });
});

describe('the outbox', () => {
  test('gives a row to one sender, and to another when its lease is over', async () => {
    await member('ann');
    const { happens } = await reviewed();
    await happens(EMAIL, { kind: 'escalated' });
    const taken = (await Promise.all(Array.from({ length: 5 }, () => take()))).flat();
    expect(taken).toHaveLength(1);
    expect(await take(minutesLater(1.9))).toEqual([]);
    const [again] = await take(minutesLater(2));
    expect(again).toMatchObject({ id: taken[0]?.id, attempts: 2 });
    await end({ id: again?.id ?? 0, attempts: 1 }, { state: 'sent' });
    expect((await queued())[0]?.state).toBe('pending');
    await end({ id: again?.id ?? 0, attempts: 2 }, { state: 'sent' });
    expect((await queued())[0]).toMatchObject({ state: 'sent', endedAt: AT });
  });

  test('gives what one recipient is told of one review in its order', async () => {
    const { happens } = await reviewed();
    await happens(SLACK, { kind: 'escalated' });
    await happens(SLACK, { kind: 'decided' });
    const [first, ...none] = await take();
    expect([first?.kind, none]).toEqual(['escalated', []]);
    expect(await take(minutesLater(1))).toEqual([]);
    await end(first ?? { id: 0, attempts: 0 }, { state: 'pending', failure: 'unreachable', dueAt: minutesLater(30) });
    expect(await take(minutesLater(29))).toEqual([]);
    const [retried] = await take(minutesLater(30));
    await end(retried ?? { id: 0, attempts: 0 }, { state: 'parked', failure: 'unreachable' });
    expect((await take(minutesLater(31))).map(({ kind }) => kind)).toEqual(['changed']);
  });

  test('makes what was parked due again, and nothing else', async () => {
    await member('ann');
    const { happens } = await reviewed();
    await happens(EMAIL, { kind: 'escalated' });
    const [row] = await take();
    const retry = (tenant: string) =>
      test_.store.inTenant(tenant, (tx) => retryNotification(tx, { id: row?.id ?? 0, at: minutesLater(60) }));
    expect(await retry('acme')).toBe(false);
    await end(row ?? { id: 0, attempts: 0 }, { state: 'parked', failure: 'refused' });
    expect([await retry('globex'), await retry('acme')]).toEqual([false, true]);
    expect((await queued())[0]).toMatchObject({
      state: 'pending',
      dueAt: minutesLater(60),
      triedSince: minutesLater(60),
    });
  });

  test('knows where a message is, and is one tenant’s alone', async () => {
    const { happens, task } = await reviewed();
    await happens(SLACK, { kind: 'escalated' });
    const place = { taskId: task.taskId, recipient: 'C0SUPPORT' };
    const message = { conversation: 'C0SUPPORT', ts: '1.2', revision: 1 };
    await test_.store.inTenant('acme', (tx) => keepSlackMessage(tx, place, message));
    await test_.store.inTenant('acme', (tx) => keepSlackMessage(tx, place, { ...message, revision: 2 }));
    expect(await test_.store.inTenant('acme', (tx) => readSlackMessage(tx, place))).toEqual({
      ...message,
      revision: 2,
    });
    await test_.store.inTenant('globex', async (tx) => {
      expect(await readSlackMessage(tx, place)).toBeNull();
      expect((await listNotifications(tx, {})).items).toEqual([]);
      expect(await takeDueNotifications(tx, { at: minutesLater(99), until: minutesLater(100), limit: 9 })).toEqual([]);
    });
  });

  test('is listed by state over pages', async () => {
    for (const name of ['ann', 'ben', 'cy']) await member(name);
    const { happens } = await reviewed();
    await happens(EMAIL, { kind: 'escalated' });
    const page = (cursor?: string) =>
      test_.store.inTenant('acme', (tx) => listNotifications(tx, { state: 'pending', limit: 2, cursor }));
    const first = await page();
    const second = await page(first.nextCursor ?? undefined);
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual((await queued()).map(({ id }) => id));
    expect(second.nextCursor).toBeNull();
  });
});
