import { request } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ApiDependencies } from '../../api/dependencies';
import type { EventOptions } from '../../api/events';
import { type RunningApi, startApi } from '../../api/server';
import { reviewIdOf } from '../../contracts/words/names';
import type { ReviewState, TaskState } from '../../contracts/words/task';
import { acceptTask } from '../../store/acceptTask';
import { listApiKeys, revokeApiKey } from '../../store/apiKeys';
import { projectTask } from '../../store/projectTask';
import { exampleReview, exampleRound, exampleState, exampleTask, refOf } from '../store/exampleTask';
import { type EventReader, follow } from './eventReader';
import { ask, eventually, newKey, startTestApi, TENANT, type TestApi } from './testApi';

let api: TestApi;
let key: string;
const open: { close(): void }[] = [];

beforeAll(async () => {
  // Nothing here asks Temporal, which can't be reached.
  api = await startTestApi({ temporalAddress: '127.0.0.1:1' });
  key = await api.key();
});
afterEach(() => open.splice(0).forEach((each) => each.close()));
afterAll(() => api.close());

interface Reading {
  readonly at?: { readonly url: string };
  readonly as?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function reader(path: string, { at = api, as = key, headers = {} }: Reading = {}): Promise<EventReader> {
  const made = await follow(at, path, { key: as, headers });
  open.push(made);
  return made;
}

/** The same store behind another API, with bounds and intervals of its own. */
async function withOptions<T>(
  events: Partial<EventOptions>,
  work: (another: RunningApi) => Promise<T>,
  dependencies: ApiDependencies = api.dependencies,
): Promise<T> {
  const another = await startApi(dependencies, { events });
  try {
    return await work(another);
  } finally {
    await another.close();
  }
}

interface Made {
  readonly taskId: string;
  readonly reviewId: string;
  /** Writes the next revision, as a worker does. */
  becomes(review: Partial<ReviewState>, state?: Partial<TaskState>): Promise<void>;
}

async function makeTask(tenant = TENANT): Promise<Made> {
  const { store, keyring } = api.dependencies;
  const name = newKey();
  const task = { ...exampleTask(keyring, name), taskId: keyring.taskId(tenant, name) };
  let revision = 0;
  const becomes = async (review: Partial<ReviewState>, changes: Partial<TaskState> = {}) => {
    revision += 1;
    const whole = exampleReview(task, { rounds: [exampleRound(1, { digest: 'a'.repeat(64) })], ...review });
    const state = exampleState(revision, { status: 'waiting_for_review', review: whole, ...changes });
    await store.inTenant(tenant, (tx) => projectTask(tx, { ...refOf(task), tenant }, { state, events: [] }));
  };
  await store.inTenant(tenant, (tx) => acceptTask(tx, keyring, task));
  await becomes({});
  return { taskId: task.taskId, reviewId: reviewIdOf(task.taskId), becomes };
}

const claimBy = (by: string, seconds = 600) => ({
  status: 'claimed' as const,
  claim: { by, since: new Date().toISOString(), until: new Date(Date.now() + seconds * 1000).toISOString() },
});
const ENDED = { status: 'completed', outcome: 'approved', completedAt: '2026-03-01T11:00:00.000Z' } as const;

describe('the events of a task', () => {
  it('begin with the task as it is, tell each change, and end when it is completed', async () => {
    const task = await makeTask();
    const events = await reader(`/v1/tasks/${task.taskId}/events`);
    expect((await events.first('task')).data).toMatchObject({
      id: task.taskId,
      revision: 1,
      review: { status: 'open' },
    });
    await task.becomes(claimBy('key_2'));
    await events.first('task', ({ review }) => review.status === 'claimed');
    await task.becomes({ status: 'closed' }, ENDED);
    expect(await events.first('task', ({ status }) => status === 'completed')).toMatchObject({
      id: '3',
      data: { outcome: 'approved', revision: 3 },
    });
    await events.ended();
    expect(events.events.map(({ id }) => id)).toEqual(['1', '2', '3']);
  });

  it('go on behind the last one that was read: nothing new is not told, what is newer at once', async () => {
    const task = await makeTask();
    const path = `/v1/tasks/${task.taskId}/events`;
    const upToDate = await reader(path, { headers: { 'last-event-id': '1' } });
    await task.becomes(claimBy('key_2'));
    expect((await upToDate.first('task')).id).toBe('2');
    const behind = await reader(path, { headers: { 'last-event-id': '1' } });
    expect((await behind.first('task')).id).toBe('2');
    await task.becomes({ status: 'closed' }, ENDED);
    const last = await reader(path, { headers: { 'last-event-id': '2' } });
    await last.ended();
    expect(last.events.map(({ id }) => id)).toEqual(['3']);
    expect((await reader(path, { headers: { 'last-event-id': '3' } })).status).toBe(204);
  });

  it('that nobody announced are found by looking again', async () => {
    const task = await makeTask();
    await withOptions({ pollMs: 50 }, async (another) => {
      const events = await reader(`/v1/tasks/${task.taskId}/events`, { at: another });
      await events.first('task');
      await api.dependencies.store.inTenant(TENANT, (tx) =>
        tx.db.updateTable('tasks').set({ revision: 7 }).where('id', '=', task.taskId).execute(),
      );
      await events.first('task', ({ revision }) => revision === 7);
      expect(events.events.map(({ id }) => id)).toEqual(['1', '7']);
    });
  });

  it('need the scope, and a task of the tenant', async () => {
    const theirs = await makeTask('other');
    const { taskId } = await makeTask();
    const reviewer = await api.key(['reviews:read']);
    const answers = [
      await ask(api, `GET /v1/tasks/${theirs.taskId}/events`, { key }),
      await ask(api, `GET /v1/tasks/${taskId}/events`, { key: reviewer }),
      await ask(api, `GET /v1/reviews/${theirs.reviewId}/events`, { key }),
      await ask(api, 'GET /v1/reviews/nothing/events', { key }),
      await ask(api, 'GET /v1/reviews/events', { key: await api.key(['tasks:read']) }),
      await ask(api, 'GET /v1/reviews/events'),
    ];
    expect(answers.map(({ body }) => body.code)).toEqual([
      'task_unknown',
      'scope_required',
      'review_unknown',
      'review_unknown',
      'scope_required',
      'unauthenticated',
    ]);
  });
});

describe('the events of all reviews', () => {
  it('and the inbox itself come from the store alone: Temporal can not be reached here', async () => {
    const task = await makeTask();
    const events = await reader('/v1/reviews/events');
    await events.first('hello');
    await task.becomes({ queue: 'alone' });
    await events.first('review', ({ queue }) => queue === 'alone');
    const { body } = await ask(api, 'GET /v1/reviews?status=open&queue=alone&sort=-age', { key });
    expect(body.items.map(({ id }: { id: string }) => id)).toEqual([task.reviewId]);
    expect(body.counts).toContainEqual({ queue: 'alone', status: 'open', count: 1 });
    expect((await ask(api, 'GET /readyz')).body.missing).toEqual(['temporal']);
  });

  it('tell each change of the own tenant with what a row shows, to a list that was loaded meanwhile', async () => {
    const [mine, theirs] = [await makeTask(), await makeTask('other')];
    const events = await reader('/v1/reviews/events');
    expect((await events.first('hello')).data).toEqual({ heartbeatSeconds: 15 });
    const { items } = (await ask(api, 'GET /v1/reviews?status=open&limit=200', { key })).body;
    expect(items.map(({ id }: { id: string }) => id)).toContain(mine.reviewId);
    const holder = (await ownKeys()).at(-1);
    await theirs.becomes(claimBy('key_9'));
    await mine.becomes({ ...claimBy(holder?.id ?? ''), alsoQueue: 'escalations' });
    // What was written shortly before the stream began may be told too.
    const { data } = await events.first('review', (told) => told.reviewId === mine.reviewId && told.revision === 2);
    const held = { claimedBy: holder?.id, claimedByName: holder?.name, claimedUntil: expect.any(String) };
    expect(data).toMatchObject({
      taskId: mine.taskId,
      status: 'claimed',
      alsoQueue: 'escalations',
      revision: 2,
      ...held,
    });
    expect(JSON.stringify(events.events)).not.toContain(theirs.reviewId);
  });

  it('tell a claim that has run out, which nobody writes down', async () => {
    const task = await makeTask();
    await withOptions({ pollMs: 50 }, async (another) => {
      const events = await reader('/v1/reviews/events', { at: another });
      await events.first('hello');
      await task.becomes(claimBy('key_2', 0.5));
      const isShown = (status: string) => (data: { reviewId: string; status: string }) =>
        data.reviewId === task.reviewId && data.status === status;
      await events.first('review', isShown('claimed'));
      expect((await events.first('review', isShown('open'))).data).toMatchObject({
        claimedBy: null,
        claimedUntil: null,
      });
    });
  });

  it('cost one read of the store for each change, however many follow', async () => {
    const task = await makeTask();
    const { dependencies, reads } = counting();
    const work = async (another: RunningApi) => {
      const readers = await Promise.all(
        Array.from({ length: 25 }, () => reader('/v1/reviews/events', { at: another })),
      );
      await Promise.all(readers.map((each) => each.first('hello')));
      const before = reads();
      await task.becomes(claimBy('key_2'));
      await Promise.all(readers.map((each) => each.first('review', ({ reviewId }) => reviewId === task.reviewId)));
      expect(reads() - before).toBe(1);
    };
    await withOptions({}, work, dependencies);
  });
});

describe('who looks at a review', () => {
  it('is told to all who do, from opening until closing, each person once', async () => {
    const { reviewId } = await makeTask();
    const path = `/v1/reviews/${reviewId}/events`;
    const [ann, ben] = [await api.key(['reviews:read']), await api.key(['reviews:read'])];
    const first = await reader(path, { as: ann });
    await first.first('review', (data) => data.status === 'open');
    await first.first('presence', ({ people }) => people.length === 1);
    const [again, second] = [await reader(path, { as: ann }), await reader(path, { as: ben })];
    const { data } = await first.first('presence', ({ people }) => people.length === 2);
    expect(data.people[0]).toEqual({ id: expect.stringMatching(/^key_/), name: 'test', since: expect.any(String) });
    expect(data.people[0].since <= data.people[1].since).toBe(true);
    await second.first('presence', ({ people }) => people.length === 2);
    again.close();
    second.close();
    await eventually(
      () => Promise.resolve(first.events.at(-1)),
      (event) => event?.data.people?.length === 1,
    );
    expect(first.events.at(-1)?.data.people[0].id).toBe(data.people[0].id);
  });

  it('is apart from the claim, and from those who look at another review', async () => {
    const [one, other] = [await makeTask(), await makeTask()];
    const events = await reader(`/v1/reviews/${one.reviewId}/events`);
    const elsewhere = await reader(`/v1/reviews/${other.reviewId}/events`);
    await elsewhere.first('presence');
    await one.becomes(claimBy('key_2'));
    await events.first('review', ({ claimedBy }) => claimedBy === 'key_2');
    const people = events.events.filter(({ name }) => name === 'presence').map(({ data }) => data.people.length);
    expect(people).toEqual([1]);
  });
});

describe('an event stream', () => {
  it('is neither compressed nor kept, and shows that it is alive', async () => {
    await withOptions({ beatEveryMs: 30 }, async (another) => {
      const events = await reader('/v1/reviews/events', { at: another, headers: { 'accept-encoding': 'gzip' } });
      expect(events.headers).toMatchObject({
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store, no-transform',
      });
      expect(events.headers['content-encoding']).toBeUndefined();
      await eventually(
        () => Promise.resolve(events.comments()),
        (count) => count >= 2,
      );
    });
  });

  it('is closed when its key is revoked', async () => {
    const doomed = await api.key(['reviews:read']);
    const keyId = (await ownKeys()).at(-1)?.id ?? '';
    await withOptions({ beatEveryMs: 30 }, async (another) => {
      const [events, others] = [
        await reader('/v1/reviews/events', { at: another, as: doomed }),
        await reader('/v1/reviews/events', { at: another }),
      ];
      await events.first('hello');
      const { store, clock } = api.dependencies;
      const revocation = { id: keyId, at: clock().toISOString() };
      await store.inTenant(TENANT, (tx) => revokeApiKey(tx, revocation));
      // What was known of the key is forgotten after five seconds.
      api.advance(6);
      await events.ended();
      expect(others.isEnded()).toBe(false);
    });
  });

  it('beyond the bound is refused with 503 and Retry-After, until another is closed', async () => {
    await withOptions({ maxStreams: 2 }, async (another) => {
      const [one] = [
        await reader('/v1/reviews/events', { at: another }),
        await reader('/v1/reviews/events', { at: another }),
      ];
      const refused = await ask(another, 'GET /v1/reviews/events', { key });
      expect([refused.status, refused.body.code, refused.headers.get('retry-after')]).toEqual([
        503,
        'unavailable',
        '5',
      ]);
      one.close();
      await eventually(
        () => ask(another, 'GET /v1/reviews/events', { key }),
        ({ status }) => status === 200,
      );
    });
  });

  it('beyond the bound of one key is refused, and other keys find place', async () => {
    await withOptions({ maxStreamsOfOne: 1 }, async (another) => {
      const one = await reader('/v1/reviews/events', { at: another });
      const refused = await ask(another, 'GET /v1/reviews/events', { key });
      expect([refused.status, refused.body.code]).toEqual([503, 'unavailable']);
      const others = await api.key(['reviews:read']);
      expect((await reader('/v1/reviews/events', { at: another, as: others })).status).toBe(200);
      one.close();
      await eventually(
        () => ask(another, 'GET /v1/reviews/events', { key }),
        ({ status }) => status === 200,
      );
    });
  });

  it.each(['/v1/reviews/events', '/v1/reviews/{reviewId}/events', '/v1/tasks/{taskId}/events'])(
    '%s takes no place for a reader who went while it was looked at who asks',
    async (pattern) => {
      const { taskId, reviewId } = await makeTask();
      const path = pattern.replace('{taskId}', taskId).replace('{reviewId}', reviewId);
      const slow = lookingUpSlowly();
      const work = async (another: RunningApi) => {
        const headers = { authorization: `Bearer ${key}`, 'x-request-id': `gone-${newKey()}` };
        const leaving = request(another.url + path, { agent: false, headers });
        leaving.on('error', () => undefined).end();
        await eventually(() => Promise.resolve(slow.waiting()), Boolean);
        leaving.destroy();
        await eventually(
          () => Promise.resolve(api.logged()),
          (lines) => lines.includes(headers['x-request-id']),
        );
        slow.goOn();
        expect((await ask(another, `GET ${path}`, { key })).status).toBe(200);
      };
      await withOptions({ maxStreams: 1 }, work, slow.dependencies);
    },
  );

  it('is alive, and others are looked at, while it is not known who reads', async () => {
    const slow = lookingUpSlowly();
    slow.goOn();
    const doomed = await api.key(['reviews:read']);
    const keyId = (await ownKeys()).at(-1)?.id ?? '';
    const work = async (another: RunningApi) => {
      const readers = await Promise.all(
        [key, doomed].map(async (as) => reader('/v1/reviews/events', { at: another, as })),
      );
      slow.wait();
      // What was known of the keys is forgotten after five seconds.
      api.advance(6);
      await eventually(() => Promise.resolve(slow.waiting()), Boolean);
      for (const each of readers) {
        const before = each.comments();
        await eventually(
          () => Promise.resolve(each.comments()),
          (count) => count >= before + 5,
        );
      }
      const { store, clock } = api.dependencies;
      await store.inTenant(TENANT, (tx) => revokeApiKey(tx, { id: keyId, at: clock().toISOString() }));
      // Those that are waited for are never answered.
      slow.answerTheNext();
      api.advance(6);
      await readers[1]?.ended();
      expect(readers[0]?.isEnded()).toBe(false);
    };
    await withOptions({ beatEveryMs: 30, lookWithinMs: 300 }, work, slow.dependencies);
  });

  it('ends at once when the server is closed', async () => {
    const { reviewId } = await makeTask();
    const another = await startApi(api.dependencies);
    const readers = [
      await reader('/v1/reviews/events', { at: another }),
      await reader(`/v1/reviews/${reviewId}/events`, { at: another }),
    ];
    const startedAt = Date.now();
    await another.close();
    expect(Date.now() - startedAt).toBeLessThan(5_000);
    for (const each of readers) await each.ended();
  });

  describe('of a reader who does not read', () => {
    let tasks: readonly Made[];
    beforeAll(async () => {
      tasks = await Promise.all(Array.from({ length: 20 }, () => makeTask()));
      // Far larger than any: 40 kB an event.
      for (const task of tasks) await task.becomes(claimBy('k'.repeat(20_000)));
    });

    it('leaves out what comes meanwhile, and says so once the reader has caught up', async () => {
      const { dependencies, reads } = counting();
      const work = async (another: RunningApi) => {
        const events = await reader('/v1/reviews/events', { at: another });
        await events.first('hello');
        events.pause();
        await flood(tasks, reads);
        events.resume();
        expect((await events.first('refresh')).data).toEqual({ reason: 'behind' });
        expect(events.isEnded()).toBe(false);
      };
      await withOptions({ maxWaitingBytes: 16_384 }, work, dependencies);
    });

    it('is disconnected, and its place is free', async () => {
      const { dependencies, reads } = counting();
      const work = async (another: RunningApi) => {
        const events = await reader('/v1/reviews/events', { at: another });
        await events.first('hello');
        events.pause();
        const isFree = async () => (await ask(another, 'GET /v1/reviews/events', { key })).status === 200;
        for (let tries = 0; tries < 40 && !(await isFree()); tries += 1) await flood(tasks, reads);
        expect(await isFree()).toBe(true);
        expect(events.isEnded()).toBe(false);
      };
      const options = { maxWaitingBytes: 1_000_000, maxBehindMs: 100, beatEveryMs: 30, maxStreams: 1 };
      await withOptions(options, work, dependencies);
    });

    it('leaves its place when its key is revoked, whatever waits for the reader', async () => {
      const { dependencies, reads } = counting();
      const doomed = await api.key(['reviews:read']);
      const keyId = (await ownKeys()).at(-1)?.id ?? '';
      const work = async (another: RunningApi) => {
        const events = await reader('/v1/reviews/events', { at: another, as: doomed });
        await events.first('hello');
        events.pause();
        await flood(tasks, reads);
        await flood(tasks, reads);
        const { store, clock } = api.dependencies;
        await store.inTenant(TENANT, (tx) => revokeApiKey(tx, { id: keyId, at: clock().toISOString() }));
        api.advance(6);
        await eventually(
          () => ask(another, 'GET /v1/reviews/events', { key }),
          ({ status }) => status === 200,
        );
        expect(events.isEnded()).toBe(false);
      };
      await withOptions({ maxWaitingBytes: 100_000_000, beatEveryMs: 30, maxStreams: 1 }, work, dependencies);
    });
  });
});

/** The same store, which is asked who somebody is and answers when it is told to. */
function lookingUpSlowly() {
  const { store } = api.dependencies;
  let isWaiting = true;
  const waiters: (() => void)[] = [];
  const asSystem: typeof store.asSystem = async (work) => {
    const found = await store.asSystem(work);
    if (isWaiting) await new Promise<void>((resolve) => waiters.push(resolve));
    return found;
  };
  const answerTheNext = () => void (isWaiting = false);
  return {
    dependencies: { ...api.dependencies, store: { ...store, asSystem } },
    waiting: () => waiters.length > 0,
    wait: () => void (isWaiting = true),
    answerTheNext,
    goOn: () => {
      answerTheNext();
      for (const resolve of waiters.splice(0)) resolve();
    },
  };
}

/** The same store, which counts the transactions of tenants. */
function counting(): { readonly dependencies: ApiDependencies; readonly reads: () => number } {
  const { store } = api.dependencies;
  let reads = 0;
  const inTenant: typeof store.inTenant = (tenant, work) => {
    reads += 1;
    return store.inTenant(tenant, work);
  };
  return { dependencies: { ...api.dependencies, store: { ...store, inTenant } }, reads: () => reads };
}

/** Eight megabytes of changes, of which a slow reader is told only some; each announcement is read and told before the next. */
async function flood(tasks: readonly Made[], reads: () => number): Promise<void> {
  const { store } = api.dependencies;
  for (let round = 0; round < 10; round += 1) {
    const before = reads();
    await store.inTenant(TENANT, async (tx) => {
      for (const { taskId } of tasks) tx.announce({ tenant: TENANT, taskId, revision: 1, isCompleted: false });
    });
    for (let tries = 0; reads() === before && tries < 10_000; tries += 1)
      await new Promise((resolve) => setImmediate(resolve));
  }
}

async function ownKeys(): Promise<readonly { readonly id: string; readonly name: string }[]> {
  const { store } = api.dependencies;
  return (await store.inTenant(TENANT, (tx) => listApiKeys(tx, { limit: 200 }))).items;
}
