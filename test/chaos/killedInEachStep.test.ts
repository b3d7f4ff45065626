import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase } from '../store/testStore';
import { type Receiver, startReceiver } from '../support/receiver';
import { arm, type CrashPlace, type CrashPoint } from './crashPoint';
import { ChaosInstallation, dead, kill, until } from './installation';

/** `alone`: answered by a grant. `reviewed`: approved by a person. */
type Way = 'alone' | 'reviewed';
type Life = readonly [Way, CrashPoint];

const MESSAGES: Readonly<Record<Way, string>> = {
  alone: 'What is your exchange rate for euros today?',
  reviewed: 'I lost my card somewhere in town, what now?',
};

const SHORT: readonly Life[] = [
  ['reviewed', 'deliver:after'],
  ['alone', 'effect:after'],
  ['reviewed', 'deciding:after'],
  ['alone', 'draftLocally:after'],
];

const FULL: readonly Life[] = [
  // A call that was under way is given up by its time-out, so the longest come first and are over when the others are.
  ...bothSides('alone', ['deliver', 'notify', 'start', 'completing', 'gather']),
  ...bothSides('reviewed', ['deliver', 'notify', 'deciding', 'completing', 'opening']),
  ['alone', 'effect:after'],
  ['reviewed', 'effect:after'],
  ...bothSides('alone', ['screen', 'classify', 'draftLocally', 'validate', 'judge']),
  ['reviewed', 'screen:before'],
  ['reviewed', 'classify:after'],
  ['reviewed', 'gather:after'],
  ['reviewed', 'draftLocally:before'],
  ['reviewed', 'validate:after'],
  ['reviewed', 'judge:after'],
];

function bothSides(way: Way, places: readonly CrashPlace[]): Life[] {
  return places.flatMap((place) => (['before', 'after'] as const).map((side): Life => [way, `${place}:${side}`]));
}

const LIVES = process.env['CHAOS'] === 'full' ? FULL : SHORT;
const IS_DECIDED_FIRST = /^(deciding|deliver|effect|completing|notify):/;

const keyOf = ([way, point]: Life): string => `killed ${way} ${point}`;
const FORGETFUL = 'an effect that forgets its key';
const WAITING = 'waits all the while';

let product: ChaosInstallation;
let pid: number;
let database: Awaited<ReturnType<typeof createDatabase>> | null = null;
let receiver: Receiver;
const digests = new Map<string, string>();

beforeAll(async () => {
  const temporalAddress = process.env['TEMPORAL_ADDRESS'] ?? '127.0.0.1:7233';
  receiver = await startReceiver();
  const server = process.env['DATABASE_URL'];
  database = server === undefined ? null : await createDatabase(server);
  const store = database === null ? {} : { databaseUrl: database.databaseUrl };
  product = await ChaosInstallation.open({ temporalAddress, forgetful: FORGETFUL, ...store });
  pid = await product.start();
  await product.post(WAITING, MESSAGES.reviewed);
  digests.set(WAITING, await product.opened(product.taskIdOf(WAITING)));
});
afterAll(async () => {
  await product.close();
  await receiver.close();
  await database?.drop();
});

/** Lets a task come to a point, where the process is killed, and starts the next. */
async function dieAt(key: string, way: Way, point: CrashPoint): Promise<void> {
  const taskId = product.taskIdOf(key);
  const post = () => product.post(key, MESSAGES[way], { callbackUrl: receiver.url });
  if (way === 'reviewed' && IS_DECIDED_FIRST.test(point)) {
    await post();
    const digest = await product.opened(taskId);
    digests.set(key, digest);
    arm(product.chaosFile, { point, taskId });
    await product.approve(taskId, digest);
  } else {
    arm(product.chaosFile, { point, taskId });
    await post();
  }
  await dead(pid);
  pid = await product.start();
}

describe('the process is killed', () => {
  it('at the effect that is given another key each time, the planted fault', () =>
    dieAt(FORGETFUL, 'alone', 'effect:after'));
  it.each(LIVES)('on the way %s, at %s', (way, point) => dieAt(keyOf([way, point]), way, point));
  it('right after it accepted a task', async () => {
    expect((await product.post('accepted', MESSAGES.alone))?.status).toBe(202);
    await kill(pid);
    pid = await product.start();
  });
});

describe('and all the same', () => {
  it.each(LIVES)('a task on the way %s, killed at %s, ends once and right', async (way, point) => {
    const key = keyOf([way, point]);
    const taskId = product.taskIdOf(key);
    if (way === 'reviewed') await product.approved(taskId, digests.get(key) ?? (await product.opened(taskId)));
    const task = await product.ended(taskId);
    expect(task).toMatchObject({
      outcome: way === 'alone' ? 'answered' : 'approved',
      output: { intent: expect.any(String) },
    });
    expect(task.permit).toMatchObject({ kind: way === 'alone' ? 'grant' : 'decision', digest: task.draft.digest });
    expect(product.recordedFor(taskId)).toHaveLength(1);
    expect(product.recordedFor(taskId)[0]?.idempotencyKey).toBe(`${taskId}:log_interaction`);
  });

  it('each caller is told the end, under one webhook id', async () => {
    for (const life of LIVES) {
      const ends = () => receiver.of(product.taskIdOf(keyOf(life))).filter(({ event }) => event === 'task.completed');
      await until(
        () => Promise.resolve(ends()),
        (told) => told.length > 0,
      );
      expect(new Set(ends().map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    }
  });

  it('the task that was just accepted is answered', async () => {
    expect(await product.ended(product.taskIdOf('accepted'))).toMatchObject({ outcome: 'answered' });
  });

  it('the review that waited is as it was, and is decided', async () => {
    const taskId = product.taskIdOf(WAITING);
    expect(await product.opened(taskId)).toBe(digests.get(WAITING));
    await product.approved(taskId, digests.get(WAITING) ?? '');
    expect(await product.ended(taskId)).toMatchObject({
      outcome: 'approved',
      permit: { digest: digests.get(WAITING) },
    });
  });

  it('only the effect without a lasting key is done twice: these tests see it', async () => {
    const taskId = product.taskIdOf(FORGETFUL);
    expect(await product.ended(taskId)).toMatchObject({ outcome: 'answered' });
    expect(product.recordedFor(taskId)).toHaveLength(2);
    expect(product.crm.interactions).toHaveLength(LIVES.length + 4);
  });

  it('the audit trail of each is whole, with one decision, one delivery and one end', async () => {
    await product.stop(pid);
    const trails = await product.trails(LIVES.map((life) => product.taskIdOf(keyOf(life))));
    expect(trails).toEqual(LIVES.map(([way]) => (way === 'alone' ? ALONE : REVIEWED)));
  });
});

const ALONE = { isIntact: true, kinds: ['permitted', 'delivered', 'completed'] };
const REVIEWED = { isIntact: true, kinds: ['escalated', 'decided', 'delivered', 'completed'] };
