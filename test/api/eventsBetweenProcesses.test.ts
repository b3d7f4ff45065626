import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import type { EventOptions } from '../../api/events';
import { type RunningApi, startApi } from '../../api/server';
import { SCOPES } from '../../contracts/words/vocabulary';
import { acceptTask } from '../../store/acceptTask';
import { createApiKey } from '../../store/apiKeys';
import { openStore } from '../../store/openStore';
import { projectTask } from '../../store/projectTask';
import type { Store } from '../../store/store';
import { exampleReview, exampleState, exampleTask, minutesLater, refOf } from '../store/exampleTask';
import { openTestStore, type TestStore } from '../store/testStore';
import { type EventReader, follow } from './eventReader';
import { eventually, startTestApi, type TestApi } from './testApi';

const OPTIONS: Partial<EventOptions> = { sayEveryMs: 200, leaseMs: 1_000, pollMs: 60_000 };
const ROOT = path.join(__dirname, '..', '..');
const onPostgres = process.env['DATABASE_URL'] ? describe : describe.skip;

/** Two stores on one database, each with an API of its own, as two processes have. */
onPostgres('between two processes on one PostgreSQL', () => {
  let test_: TestStore;
  let otherStore: Store;
  let surroundings: TestApi;
  let [one, other]: RunningApi[] = [];
  let databaseUrl: string;
  const children: ChildProcess[] = [];
  const readers: EventReader[] = [];

  beforeAll(async () => {
    surroundings = await startTestApi({ temporalAddress: '127.0.0.1:1' });
    test_ = await openTestStore();
    if (!('databaseUrl' in test_.location)) throw new Error('these tests need a store on PostgreSQL');
    ({ databaseUrl } = test_.location);
    otherStore = await openStore(test_.location);
    one = await startApi({ ...surroundings.dependencies, store: test_.store }, { events: OPTIONS });
    other = await startApi({ ...surroundings.dependencies, store: otherStore }, { events: OPTIONS });
  });
  afterEach(() => {
    readers.splice(0).forEach((each) => each.close());
    children.splice(0).forEach((each) => each.kill('SIGKILL'));
  });
  afterAll(async () => {
    await Promise.all([one?.close(), other?.close()]);
    await otherStore.close();
    await Promise.all([test_.close(), surroundings.close()]);
  });

  async function reader(api: RunningApi | undefined, where: string, as: string): Promise<EventReader> {
    if (api === undefined) throw new Error('the API was not started');
    const made = await follow(api, where, { key: as });
    readers.push(made);
    return made;
  }

  async function newKey(name: string): Promise<{ readonly id: string; readonly secret: string }> {
    const request = { name, scopes: SCOPES, at: new Date().toISOString(), expiresAt: null };
    const { key, secret } = await test_.store.inTenant('acme', (tx) => createApiKey(tx, request));
    return { id: key.id, secret };
  }

  async function openReview(name: string) {
    const task = exampleTask(test_.keyring, name);
    const project = async (store: Store, revision: number, claimedBy: string | null) => {
      const claim =
        claimedBy === null ? null : { by: claimedBy, since: minutesLater(0), until: '2099-01-01T00:00:00.000Z' };
      const review = exampleReview(task, { claim, status: claim ? 'claimed' : 'open' });
      const state = exampleState(revision, { status: 'waiting_for_review', review });
      await store.inTenant('acme', (tx) => projectTask(tx, refOf(task), { state, events: [] }));
      return review.id;
    };
    await test_.store.inTenant('acme', (tx) => acceptTask(tx, test_.keyring, task));
    return { taskId: task.taskId, reviewId: await project(test_.store, 1, null), project };
  }

  it('a claim that one writes is told by the streams of the other, far sooner than by looking again', async () => {
    const [{ id, secret }, review] = [await newKey('Ann'), await openReview('told across')];
    const all = await reader(other, '/v1/reviews/events', secret);
    const ofTask = await reader(other, `/v1/tasks/${review.taskId}/events`, secret);
    await Promise.all([all.first('hello'), ofTask.first('task')]);
    await review.project(test_.store, 2, id);
    const { data } = await all.first(
      'review',
      ({ revision, reviewId }) => revision === 2 && reviewId === review.reviewId,
    );
    expect(data).toMatchObject({ status: 'claimed', claimedBy: id, claimedByName: 'Ann' });
    await ofTask.first('task', ({ revision }) => revision === 2);
  });

  it('those who look at a review see each other, and who closes the stream is gone', async () => {
    const [ann, ben, { reviewId }] = [await newKey('Ann'), await newKey('Ben'), await openReview('looked at')];
    const here = await reader(one, `/v1/reviews/${reviewId}/events`, ann.secret);
    await here.first('presence');
    const there = await reader(other, `/v1/reviews/${reviewId}/events`, ben.secret);
    const both = [ann, ben].map(({ id }, i) => ({ id, name: i === 0 ? 'Ann' : 'Ben', since: expect.any(String) }));
    for (const each of [here, there])
      expect((await each.first('presence', ({ people }) => people.length === 2)).data.people).toEqual(both);
    there.close();
    const goneAt = here.events.length;
    await here.first('presence', (data) => here.events.findIndex((event) => event.data === data) >= goneAt);
    expect(here.events.at(-1)?.data.people.map(({ name }: { name: string }) => name)).toEqual(['Ann']);
  });

  it('the people of a process that was killed are gone after its lease', async () => {
    const [ann, { reviewId }] = [await newKey('Ann'), await openReview('left alone')];
    const here = await reader(one, `/v1/reviews/${reviewId}/events`, ann.secret);
    const args = [
      '--import',
      'tsx',
      path.join(__dirname, 'lookingProcess.ts'),
      databaseUrl,
      'acme',
      reviewId,
      'key_gone',
    ];
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: 'ignore' });
    children.push(child);
    const isWith = ({ people }: { people: { id: string }[] }) => people.some(({ id }) => id === 'key_gone');
    await here.first('presence', isWith);
    child.kill('SIGKILL');
    const killedAt = here.events.length;
    await here.first(
      'presence',
      (data) => here.events.findIndex((event) => event.data === data) >= killedAt && !isWith(data),
    );
  });

  it('after the connection that listens was lost, streams of all reviews are told to load again', async () => {
    const { secret } = await newKey('Ann');
    const all = await reader(other, '/v1/reviews/events', secret);
    await all.first('hello');
    const server = new Client({ connectionString: databaseUrl });
    await server.connect();
    await server.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and query ilike 'listen%' and pid <> pg_backend_pid()`,
    );
    await server.end();
    expect((await all.first('refresh')).data).toEqual({ reason: 'missed' });
    const review = await openReview('after the loss');
    await all.first('review', ({ reviewId }) => reviewId === review.reviewId);
  });

  it('what they tell each other holds no name', async () => {
    const { id, secret } = await newKey('Ann Person');
    const { reviewId } = await openReview('overheard');
    const heard: string[] = [];
    otherStore.presence.onTold((message) => heard.push(message));
    const here = await reader(one, `/v1/reviews/${reviewId}/events`, secret);
    expect((await here.first('presence')).data.people[0].name).toBe('Ann Person');
    await eventually(
      () => Promise.resolve(heard.join()),
      (text) => text.includes(id),
    );
    expect(heard.join()).not.toContain('Ann');
  });
});
