import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type RawBuilder, sql } from 'kysely';
import { createKeyring } from '../../platform/encryption/keyring';
import { acceptTask } from '../../store/acceptTask';
import { getTexts, putTexts } from '../../store/texts';
import { webhookSecret } from '../../store/webhooks';
import { asOwner } from './asOwner';
import { AT, exampleTask } from './exampleTask';
import { openTestStore, type TestStore } from './testStore';

let test_: TestStore;
beforeAll(async () => {
  test_ = await openTestStore();
});
afterAll(() => test_.close());

async function newTask(key: string, input: string): Promise<string> {
  const task = exampleTask(test_.keyring, key, { subject: key, texts: { input } });
  await test_.store.inTenant('acme', (tx) => acceptTask(tx, test_.keyring, task));
  return task.taskId;
}

function read(taskId: string, ...names: string[]): Promise<Readonly<Record<string, string>>> {
  return test_.store.inTenant('acme', (tx) => getTexts(tx, test_.keyring, { taskId, names }));
}

function put(
  taskId: string,
  texts: Readonly<Record<string, string>>,
): Promise<{ readonly existed: readonly string[] }> {
  return test_.store.inTenant('acme', (tx) => putTexts(tx, test_.keyring, { taskId, texts, at: AT }));
}

test('texts come back by name, large ones and any characters too; unknown names are missing', async () => {
  const taskId = await newTask('kept', 'Ünïcödé \u{1F600} "quoted" {a,b} \\ \0 end');
  const large = 'x'.repeat(8 * 1024 * 1024);
  expect(await put(taskId, { 'draft/1': large, empty: '' })).toEqual({ existed: [] });
  const texts = await read(taskId, 'input', 'draft/1', 'empty', 'unknown');
  expect(Object.keys(texts).sort()).toEqual(['draft/1', 'empty', 'input']);
  expect(texts['input']).toBe('Ünïcödé \u{1F600} "quoted" {a,b} \\ \0 end');
  expect(texts['draft/1'] === large).toBe(true);
  expect(await read(taskId)).toEqual({});
  expect(await put(taskId, {})).toEqual({ existed: [] });
});

test('a name that is there keeps its text, and the caller is told', async () => {
  const taskId = await newTask('twice', 'first');
  expect(await put(taskId, { input: 'second', note: 'n' })).toEqual({ existed: ['input'] });
  expect(await read(taskId, 'input', 'note')).toEqual({ input: 'first', note: 'n' });
});

test('texts of a task that is not there are refused', async () => {
  await expect(put('tsk_none', { note: 'x' })).rejects.toThrow('there is no task tsk_none');
});

test('a text that someone moved to another name or another task in the database is refused', async () => {
  const [taskId, other] = [await newTask('moved from', 'secret'), await newTask('moved to', 'harmless')];
  const change = (set: RawBuilder<unknown>): Promise<unknown> =>
    asOwner(test_.store, 'acme', (db) =>
      sql`update texts set ${set} where tenant = 'acme' and ciphertext = (
        select ciphertext from texts where task_id = ${taskId})`.execute(db),
    );
  await change(sql`name = 'moved'`);
  await expect(read(taskId, 'moved')).rejects.toMatchObject({ code: 'not_authentic' });
  await change(sql`name = 'input'`);
  expect(await read(taskId, 'input')).toEqual({ input: 'secret' });
  await change(sql`name = 'moved', task_id = ${other}`);
  await expect(read(other, 'moved')).rejects.toMatchObject({ code: 'not_authentic' });
});

test('with another master key, reading and writing say so and name the cure', async () => {
  const { store, keyring } = test_;
  const other = createKeyring(randomBytes(32));
  const taskId = await newTask('other key', 'secret');
  await store.inTenant('acme', (tx) => webhookSecret(tx, keyring, AT));
  const attempts = [
    store.inTenant('acme', (tx) => getTexts(tx, other, { taskId, names: ['input'] })),
    store.inTenant('acme', (tx) => putTexts(tx, other, { taskId, texts: { note: 'x' }, at: AT })),
    store.inTenant('acme', (tx) => webhookSecret(tx, other, AT)),
  ];
  // All at once: a rejection that nobody awaits yet would fail the test by itself.
  await Promise.all(attempts.map((attempt) => expect(attempt).rejects.toThrow('COUNTERSIGN_MASTER_KEY')));
});

test("destroying a subject's key makes its texts unreadable at once", async () => {
  const { store } = test_;
  const taskId = await newTask('erased', 'secret');
  expect(await read(taskId, 'input')).toEqual({ input: 'secret' });
  await store.inTenant('acme', (tx) =>
    tx.db
      .deleteFrom('subjectKeys')
      .where('id', '=', (eb) => eb.selectFrom('tasks').select('subjectKeyId').where('id', '=', taskId))
      .execute(),
  );
  expect(await read(taskId, 'input')).toEqual({});
});
