import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { reviewIdOf } from '../../contracts/words/names';
import type { Answer, TestApi } from './testApi';
import { readAudit } from '../../store/audit';
import { TENANT, ask, eventually, newKey, startTestApi } from './testApi';
import { startWorker } from './testWorker';

let api: TestApi;
let admin: string;
/** Posts, and sees no more than their own service would. */
let caller: string;

beforeAll(async () => {
  api = await startTestApi({ worker: startWorker });
  admin = await api.key();
  caller = await api.key(['tasks:write', 'tasks:read']);
});
afterAll(() => api.close());

const reviewerKey = () => api.key(['reviews:read', 'reviews:decide', 'tasks:read']);
const QUESTION = 'Is it open on Sunday?';
const RIGHT_REPLY = 'A reply to a question.';
const WRONG_REPLY = 'No.';

async function posted(type: string, more: object = {}): Promise<string> {
  const json = { type, input: { message: QUESTION }, ...more };
  return (await ask(api, 'POST /v1/tasks', { key: caller, json })).body.id;
}

/** Posts a task and waits until it is put to review. */
async function opened(type: string, more: object = {}): Promise<{ taskId: string; reviewId: string; digest: string }> {
  const taskId = await posted(type, more);
  const read = () => ask(api, `GET /v1/tasks/${taskId}`, { key: caller });
  const { body } = await eventually(read, (answer) => answer.body.status === 'waiting_for_review');
  return { taskId, reviewId: body.review.id, digest: body.draft.digest };
}

async function decide(review: { reviewId: string; digest: string }, json: object, key: string): Promise<Answer> {
  const headers = { 'idempotency-key': newKey() };
  const decided = await ask(api, `POST /v1/reviews/${review.reviewId}/decision`, {
    key,
    json: { digest: review.digest, ...json },
    headers,
  });
  expect([decided.status, decided.body.code]).toEqual([200, undefined]);
  return decided;
}

/** A task that somebody decided on who is no reviewer of the test. */
async function decided(type: string, json: object = { action: 'approve' }, more: object = {}): Promise<string> {
  const review = await opened(type, more);
  await decide(review, json, admin);
  await ask(api, `GET /v1/tasks/${review.taskId}?waitSeconds=60`, { key: caller });
  return review.taskId;
}

const makeGold = (json: object) => ask(api, 'POST /v1/gold-items', { key: admin, json });

/** Takes the next review and decides by the draft. The draft of gold with a wrong draft is not what the others are. */
async function decideNext(key: string, says: (reply: string) => string): Promise<string> {
  const { body: review } = await eventually(
    () => ask(api, 'POST /v1/reviews/next', { key, json: {} }),
    ({ status }) => status === 200,
  );
  const action = says(review.draft.output.reply);
  await decide({ reviewId: review.id, digest: review.digest }, { action }, key);
  return review.taskId;
}

const careful = (reply: string) => (reply === RIGHT_REPLY ? 'approve' : 'decline');
const stamping = () => 'approve';

async function standingOf(key: string) {
  const { body } = await ask(api, 'GET /v1/reviewers?limit=200', { key: admin });
  const { body: own } = await ask(api, 'GET /v1/reviews?assignee=me&status=open', { key });
  expect(own.items).toEqual([]);
  const actor = await actorOf(key);
  return body.items.find((each: { actor: string }) => each.actor === actor);
}

async function actorOf(key: string): Promise<string> {
  const prefix = key.slice(0, 11);
  const { body } = await ask(api, 'GET /v1/api-keys?limit=200', { key: admin });
  return body.items.find((each: { prefix: string }) => key.startsWith(each.prefix) || each.prefix === prefix).id;
}

function goldTasks() {
  return api.dependencies.store.inTenant(TENANT, (tx) =>
    tx.db
      .selectFrom('goldTasks')
      .innerJoin('tasks', (join) =>
        join.onRef('tasks.tenant', '=', 'goldTasks.tenant').onRef('tasks.id', '=', 'goldTasks.taskId'),
      )
      .select(['taskId', 'meantFor', 'goldTasks.draft', 'tasks.type'])
      .orderBy('goldTasks.createdAt')
      .execute(),
  );
}

/** Lets a reviewer decide until they have met so much gold, on at most `most` reviews; gives how many that took. */
async function work(
  key: string,
  { type, says, gold, most = 60 }: { type: string; says: (reply: string) => string; gold: number; most?: number },
): Promise<number> {
  for (let decisions = 1; decisions <= most; decisions += 1) {
    await opened(type);
    await decideNext(key, says);
    if (((await standingOf(key))?.goldSeen ?? 0) >= gold) return decisions;
  }
  throw new Error(`less than ${gold} gold items were met in ${most} decisions`);
}

/** Lets a reviewer decide on others until gold of that type waits for them. */
async function goldFor(key: string, type: string): Promise<{ taskId: string; reviewId: string; digest: string }> {
  const actor = await actorOf(key);
  for (let count = 0; count < 60; count++) {
    await decide(await opened(type), { action: 'approve' }, key);
    const gold = (await goldTasks()).find((each) => each.meantFor === actor && each.type === type);
    if (gold === undefined) continue;
    const reviewId = reviewIdOf(gold.taskId);
    const read = () => ask(api, `GET /v1/reviews/${reviewId}`, { key });
    const { body } = await eventually(read, ({ status }) => status === 200);
    return { taskId: gold.taskId, reviewId, digest: body.digest };
  }
  throw new Error('no gold in 60 decisions');
}

async function effectsOf(taskId: string): Promise<number> {
  const rows = await api.dependencies.store.inTenant(TENANT, (tx) =>
    tx.db.selectFrom('effects').select('name').where('taskId', '=', taskId).execute(),
  );
  return rows.length;
}

describe('gold', () => {
  // Both decide at once, without a look: a rule about seconds would flag both.
  it('finds the reviewer who approves whatever it is, and leaves the careful one alone, who is as fast', async () => {
    for (let count = 0; count < 7; count++) {
      const taskId = await decided('note-reply');
      const json = count < 5 ? { draft: 'wrong', output: { reply: WRONG_REPLY } } : { draft: 'right' };
      expect((await makeGold({ taskId, ...json })).status).toBe(201);
    }
    const [stamper, honest] = [await reviewerKey(), await reviewerKey()];
    await work(stamper, { type: 'note-reply', says: stamping, gold: 4 });
    await work(honest, { type: 'note-reply', says: careful, gold: 4 });
    const [bad, good] = [await standingOf(stamper), await standingOf(honest)];
    expect(bad).toMatchObject({ isFlagged: true, flaggedBecause: expect.stringMatching(/gold items/) });
    expect(Date.parse(bad.flaggedSince)).toBeLessThanOrEqual(Date.now());
    expect(good).toMatchObject({ isFlagged: false, flaggedSince: null, flaggedBecause: null, goldMissed: 0 });
    expect(bad.goldMissed).toBeGreaterThanOrEqual(2);
    expect(bad.missRate.mean).toBeGreaterThan(good.missRate.mean);
    expect(bad.accuracy.mean).toBeLessThan(good.accuracy.mean);
    expect(good.accuracy.lowerBound).toBeLessThan(good.accuracy.mean);
  }, 120_000);

  it('delivers nothing, whatever is decided, and is none of the tasks of callers', async () => {
    const ids = (await goldTasks()).map(({ taskId }) => taskId);
    expect(ids.length).toBeGreaterThanOrEqual(8);
    const effects = await api.dependencies.store.inTenant(TENANT, (tx) =>
      tx.db.selectFrom('effects').select('taskId').execute(),
    );
    expect(effects.length).toBeGreaterThan(0);
    expect(effects.filter(({ taskId }) => ids.includes(taskId))).toEqual([]);
    const listed = async (key: string) => {
      const { body } = await ask(api, 'GET /v1/tasks?limit=200', { key });
      return body.items.map(({ id }: { id: string }) => id).filter((id: string) => ids.includes(id)).length;
    };
    expect(await listed(caller)).toBe(0);
    expect(await listed(await reviewerKey())).toBe(ids.length);
    const { standing } = (await ask(api, 'GET /v1/task-types/note-reply', { key: admin })).body;
    const all = await ask(api, 'GET /v1/tasks?limit=200&type=note-reply', { key: caller });
    expect(standing.tasks).toBe(all.body.items.length);
  });

  it('can not be told from another review by anything that a reviewer can read', async () => {
    const ids = (await goldTasks()).map(({ taskId }) => taskId);
    const key = await reviewerKey();
    const { body: rows } = await ask(api, 'GET /v1/reviews?status=closed&limit=200', { key });
    const isGold = ({ taskId }: { taskId: string }) => ids.includes(taskId);
    const gold = rows.items.find(isGold);
    const usual = rows.items.find((row: { taskId: string }) => !isGold(row));
    expect(shapeOf(gold)).toEqual(shapeOf(usual));
    for (const path of ['/v1/reviews/', '/v1/tasks/']) {
      const of = ({ id, taskId }: { id: string; taskId: string }) =>
        ask(api, `GET ${path}${path.includes('reviews') ? id : taskId}`, { key });
      const [one, other] = [(await of(gold)).body, (await of(usual)).body];
      expect(shapeOf(one)).toEqual(shapeOf(other));
      expect(JSON.stringify(one).toLowerCase()).not.toContain('gold');
      expect(one.reasons).toEqual(other.reasons);
      expect(one.input).toEqual(other.input);
    }
    const steps = async ({ taskId }: { taskId: string }) =>
      (await ask(api, `GET /v1/tasks/${taskId}/timeline`, { key })).body.steps
        .map(({ name }: { name: string }) => name)
        .filter((name: string) => name !== 'deliver');
    expect(await steps(gold)).toEqual(await steps(usual));
  });

  it('is never what the reviewer decided on before, nor the same twice', async () => {
    const tasks = await goldTasks();
    const { store } = api.dependencies;
    const { items } = (await ask(api, 'GET /v1/gold-items', { key: admin })).body;
    const met = await store.inTenant(TENANT, (tx) =>
      tx.db.selectFrom('goldTasks').select(['meantFor', 'caseId']).execute(),
    );
    expect(new Set(met.map((each) => `${each.meantFor} ${each.caseId}`)).size).toBe(tasks.length);
    const sources = items.map(({ taskId }: { taskId: string }) => taskId);
    expect(new Set(sources).size).toBe(7);
  });
});

describe('gold that is not simply approved or declined', () => {
  it('is drafted anew when it is sent back, and still delivers nothing', async () => {
    const key = await reviewerKey();
    const gold = await goldFor(key, 'note-reply');
    await decide(gold, { action: 'revise', guidance: 'On Sundays from ten.' }, key);
    const read = () => ask(api, `GET /v1/reviews/${gold.reviewId}`, { key });
    const { body } = await eventually(read, (answer) => answer.body.round === 2 && answer.body.status === 'open');
    expect(body.draft.output).toEqual({ reply: 'On Sundays from ten.' });
    await decide({ reviewId: gold.reviewId, digest: body.digest }, { action: 'approve' }, key);
    const ended = await ask(api, `GET /v1/tasks/${gold.taskId}?waitSeconds=60`, { key });
    expect(ended.body).toMatchObject({ status: 'completed', outcome: 'approved', output: body.draft.output });
    expect(await effectsOf(gold.taskId)).toBe(0);
  });

  it('ends as corrected with the output of the reviewer, and delivers nothing', async () => {
    const key = await reviewerKey();
    const gold = await goldFor(key, 'note-reply');
    await decide(gold, { action: 'correct', output: { reply: 'Yes, on Sundays.' } }, key);
    const ended = await ask(api, `GET /v1/tasks/${gold.taskId}?waitSeconds=60`, { key });
    expect(ended.body).toMatchObject({ outcome: 'corrected', output: { reply: 'Yes, on Sundays.' } });
    expect(await effectsOf(gold.taskId)).toBe(0);
    const kinds = (await api.dependencies.store.inTenant(TENANT, (tx) => readAudit(tx, gold.taskId))).map(
      ({ kind }) => kind,
    );
    expect(kinds).toContain('withheld');
    expect(kinds).not.toContain('delivered');
  });
});

describe('gold of a class that may leave alone', () => {
  it('shows as drawn for audit, within the rate of its grant', async () => {
    const thanks = { input: { message: 'Thanks a lot!' }, review: 'required' };
    const taskId = await decided('small-note', { action: 'approve' }, thanks);
    await makeGold({ taskId, draft: 'wrong', output: { reply: WRONG_REPLY } });
    const key = await reviewerKey();
    const { reviewId } = await goldFor(key, 'small-note');
    const { body } = await ask(api, `GET /v1/reviews/${reviewId}`, { key });
    expect(body.reasons).toEqual([
      {
        reason: 'sampled_for_audit',
        step: 'judge',
        sentence: expect.any(String),
        evidence: { grant: expect.any(String), draw: expect.any(Number), auditRate: 0.01 },
      },
    ]);
    expect(body.reasons[0].evidence.draw).toBeLessThan(0.01);
    expect(body.similar.map((each: { taskId: string }) => each.taskId)).not.toContain(taskId);
  });
});

describe('a gold item', () => {
  it('is made of what people found wrong, or delivered, or of an output that is given', async () => {
    const corrected = await decided('note-reply', { action: 'correct', output: { reply: 'On Sundays, too.' } });
    const wrong = await makeGold({ taskId: corrected, draft: 'wrong' });
    expect([wrong.status, wrong.body]).toEqual([201, expect.objectContaining({ taskId: corrected, draft: 'wrong' })]);
    expect((await makeGold({ taskId: corrected, draft: 'right' })).status).toBe(201);
    expect((await makeGold({ taskId: corrected, draft: 'wrong' })).body.id).toBe(wrong.body.id);
    const declined = await decided('note-reply', { action: 'decline' });
    expect((await makeGold({ taskId: declined, draft: 'wrong' })).status).toBe(201);
  });

  it.each<[string, object, () => Promise<string>, [number, string]]>([
    ['a task that is unknown', { draft: 'right' }, async () => 'tsk_unknown', [404, 'task_unknown']],
    ['a task that nobody decided on', { draft: 'right' }, () => posted('note-reply'), [422, 'input_invalid']],
    ['no wrong draft', { draft: 'wrong' }, () => decided('note-reply'), [422, 'input_invalid']],
    [
      'nothing that was delivered',
      { draft: 'right' },
      () => decided('note-reply', { action: 'decline' }),
      [422, 'input_invalid'],
    ],
    [
      'an output that is said to be right',
      { draft: 'right', output: { reply: 'Yes' } },
      () => decided('note-reply'),
      [422, 'input_invalid'],
    ],
    [
      'an output that breaks the schema',
      { draft: 'wrong', output: { reply: '' } },
      () => decided('note-reply'),
      [422, 'output_invalid'],
    ],
  ])('is refused for %s', async (_, json, task, expected) => {
    const answer = await makeGold({ taskId: await task(), ...json });
    expect([answer.status, answer.body.code]).toEqual(expected);
  });

  it('is taken out of use once', async () => {
    const { body } = await makeGold({ taskId: await decided('note-reply'), draft: 'right' });
    const remove = () => ask(api, `DELETE /v1/gold-items/${body.id}`, { key: admin });
    expect((await remove()).status).toBe(204);
    expect((await remove()).body.code).toBe('gold_item_unknown');
    const { items } = (await ask(api, 'GET /v1/gold-items?limit=200', { key: admin })).body;
    expect(items.map(({ id }: { id: string }) => id)).not.toContain(body.id);
  });

  it('and what is known of reviewers is nothing for reviewers', async () => {
    const key = await reviewerKey();
    for (const call of ['GET /v1/gold-items', 'GET /v1/reviewers', 'DELETE /v1/gold-items/x'])
      expect((await ask(api, call, { key })).body.code).toBe('scope_required');
    expect((await ask(api, 'GET /v1/reviewers', { key: await api.key(['reviews:lead']) })).status).toBe(200);
  });
});

describe('the list of reviewers', () => {
  it('comes in pages, and by task type', async () => {
    const all = (await ask(api, 'GET /v1/reviewers?limit=200', { key: admin })).body.items;
    expect(all.length).toBeGreaterThanOrEqual(4);
    const paged: unknown[] = [];
    let cursor = '';
    do {
      const { body } = await ask(api, `GET /v1/reviewers?limit=2${cursor && `&cursor=${cursor}`}`, { key: admin });
      paged.push(...body.items);
      cursor = body.nextCursor ?? '';
    } while (cursor !== '');
    expect(paged).toEqual(all);
    const { items } = (await ask(api, 'GET /v1/reviewers?type=small-note', { key: admin })).body;
    const sum = (some: { decisions: number }[]) => some.reduce((total, each) => total + each.decisions, 0);
    expect(sum(items)).toBeGreaterThan(0);
    expect(sum(items)).toBeLessThan(sum(all));
  });
});

/** The names and kinds of everything in an answer, of the first element of a list. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shapeOf(member)]));
}
