import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { type RunningApi, startApi } from '../../api/server';
import { acceptTask } from '../../store/acceptTask';
import { projectTask } from '../../store/projectTask';
import { asOwner } from '../store/asOwner';
import { exampleReview, exampleState, exampleTask, refOf } from '../store/exampleTask';
import { type EventReader, follow } from './eventReader';
import { newKey, startTestApi, TENANT, type TestApi } from './testApi';

const POLL_MS = 100;

let surroundings: TestApi;
let api: RunningApi;
let key: string;
const open: EventReader[] = [];

beforeAll(async () => {
  // Nothing here asks Temporal, which can't be reached.
  surroundings = await startTestApi({ temporalAddress: '127.0.0.1:1' });
  api = await startApi(surroundings.dependencies, { events: { pollMs: POLL_MS } });
  key = await surroundings.key();
});
afterEach(() => open.splice(0).forEach((each) => each.close()));
afterAll(async () => {
  await api.close();
  await surroundings.close();
});

async function inbox(): Promise<EventReader> {
  const made = await follow(api, '/v1/reviews/events', { key });
  open.push(made);
  await made.first('hello');
  return made;
}

async function makeReview() {
  const { store, keyring } = surroundings.dependencies;
  const task = exampleTask(keyring, newKey());
  const review = exampleReview(task);
  const becomes = (revision: number, status: 'open' | 'closed') => {
    const state = exampleState(revision, { status: 'waiting_for_review', review: { ...review, status } });
    return store.inTenant(TENANT, (tx) => projectTask(tx, refOf(task), { state, events: [] }));
  };
  await store.inTenant(TENANT, (tx) => acceptTask(tx, keyring, task));
  await becomes(1, 'open');
  return { taskId: task.taskId, reviewId: review.id, becomes };
}

/** As by a process that dies between its commit and telling the others. */
async function closeWithoutAWord({ taskId, reviewId }: { readonly taskId: string; readonly reviewId: string }) {
  await asOwner(surroundings.dependencies.store, TENANT, async (db) => {
    await sql`update tasks set revision = revision + 1 where id = ${taskId}`.execute(db);
    await sql`update reviews set status = 'closed' where id = ${reviewId}`.execute(db);
  });
}

describe('a change of which nobody told', () => {
  it('is told by the stream of all reviews all the same, once', async () => {
    const review = await makeReview();
    const events = await inbox();
    await closeWithoutAWord(review);
    const isOf = (id: string) => (data: EventReader['events'][number]['data']) =>
      data.reviewId === id && data.revision === 2;
    expect((await events.first('review', isOf(review.reviewId))).data).toMatchObject({ status: 'closed' });
    // Each look finds it again, for as long as a transaction may take.
    const later = await makeReview();
    await closeWithoutAWord(later);
    await events.first('review', isOf(later.reviewId));
    expect(events.events.filter(({ data }) => isOf(review.reviewId)(data))).toHaveLength(1);
  });
});
