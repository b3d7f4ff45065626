import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { reviewIdOf, workflowIdOf } from '../../contracts/words/names';
import { TENANT, ask, eventually, startTestApi } from './testApi';
import type { TestApi } from './testApi';
import { startWorker } from './testWorker';

let api: TestApi;
/** Posts, and may decide on what others post. */
let caller: string;
let ann: string;

beforeAll(async () => {
  api = await startTestApi({ worker: startWorker });
  caller = await api.key();
  ann = await api.key(['reviews:read', 'reviews:decide']);
});
afterAll(() => api.close());

const next = (as: string) => ask(api, 'POST /v1/reviews/next', { key: as });
const release = (reviewId: string, as: string) => ask(api, `POST /v1/reviews/${reviewId}/release`, { key: as });

/** Puts a task to review; the most urgent has priority 1. */
async function opened(priority: number): Promise<{ readonly taskId: string; readonly reviewId: string }> {
  const json = { type: 'note-reply', input: { message: 'Is it open on Sunday?' }, priority };
  const { id } = (await ask(api, 'POST /v1/tasks', { key: caller, json })).body;
  await eventually(
    () => ask(api, `GET /v1/tasks/${id}`, { key: caller }),
    ({ body }) => body.status === 'waiting_for_review',
  );
  return { taskId: id, reviewId: reviewIdOf(id) };
}

describe('the next review', () => {
  it('is never the caller’s own, which they can’t claim either', async () => {
    const { reviewId } = await opened(3);
    expect((await next(caller)).status).toBe(204);
    const claimed = await ask(api, `POST /v1/reviews/${reviewId}/claim`, { key: caller });
    expect([claimed.status, claimed.body.code]).toEqual([403, 'own_task']);
    expect((await next(ann)).body.id).toBe(reviewId);
    expect((await next(ann)).status).toBe(204);
    expect((await release(reviewId, ann)).status).toBe(200);
  });

  it('is another one where the workflow of the most urgent is gone, or does not answer; 503 where none does', async () => {
    const { client } = api.dependencies;
    const [gone, silent, sound] = [await opened(1), await opened(1), await opened(2)];
    for (const { taskId } of [gone, silent])
      await client.workflow.getHandle(workflowIdOf(TENANT, taskId)).terminate('by somebody in the Temporal UI');
    const workflowId = workflowIdOf(TENANT, silent.taskId);
    const taskQueue = `nobody-${randomUUID()}`;
    const unheard = await client.workflow.start('aiTask', { workflowId, taskQueue, args: [] });
    const taken: string[] = [];
    let last = await next(ann);
    for (; last.status === 200; last = await next(ann)) taken.push(last.body.id);
    expect(taken[0]).toBe(sound.reviewId);
    expect([last.status, last.body.code]).toEqual([503, 'unavailable']);
    await Promise.all([unheard.terminate(), ...taken.map((reviewId) => release(reviewId, ann))]);
  }, 60_000);
});
