import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sql } from 'kysely';
import { acceptTask } from '../../store/acceptTask';
import { appendAudit, type AuditEntry, genesisHash, readAudit, verifyChain } from '../../store/audit';
import { asOwner } from './asOwner';
import { exampleEvent, exampleTask } from './exampleTask';
import { openTestStore, type TestStore } from './testStore';

let test_: TestStore;
beforeAll(async () => {
  test_ = await openTestStore();
});
afterAll(() => test_.close());

async function newTask(key: string): Promise<string> {
  const task = exampleTask(test_.keyring, key);
  await test_.store.inTenant('acme', (tx) => acceptTask(tx, test_.keyring, task));
  return task.taskId;
}

function append(taskId: string, events: readonly ReturnType<typeof exampleEvent>[]): Promise<void> {
  return test_.store.inTenant('acme', (tx) => appendAudit(tx, { taskId, events }));
}

function chainOf(taskId: string): Promise<readonly AuditEntry[]> {
  return test_.store.inTenant('acme', (tx) => readAudit(tx, taskId));
}

describe('the chain', () => {
  test('holds, with the hashes that the database made recomputed here, for all that evidence can hold', async () => {
    let run = 0;
    const fact = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.string().map((text) => text.replaceAll('\0', '')),
      fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 3 }),
    );
    const name = fc.string({ minLength: 1, maxLength: 8 }).map((text) => `f${text.replaceAll('\0', '')}`);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.dictionary(name, fact, { maxKeys: 4 }), { minLength: 1, maxLength: 4 }),
        async (facts) => {
          run += 1;
          const taskId = await newTask(`property-${run}`);
          await append(
            taskId,
            facts.map((each, i) => exampleEvent(`e${i}`, { facts: each })),
          );
          const entries = await chainOf(taskId);
          expect(verifyChain(entries, { tenant: 'acme', taskId })).toMatchObject({
            isIntact: true,
            entries: facts.length,
          });
        },
      ),
      { numRuns: 25 },
    );
  });

  test('an event that is sent again is not added again, and the next continues from the end', async () => {
    const taskId = await newTask('again');
    await append(taskId, [exampleEvent('a'), exampleEvent('b')]);
    await append(taskId, [exampleEvent('b'), exampleEvent('c'), exampleEvent('c')]);
    const entries = await chainOf(taskId);
    expect(entries.map(({ seq, key }) => [seq, key])).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ]);
    expect(verifyChain(entries, { tenant: 'acme', taskId })).toMatchObject({ isIntact: true, head: entries[2]?.hash });
  });

  test('many that append at once extend one chain', async () => {
    const taskId = await newTask('at once');
    await Promise.all(Array.from({ length: 40 }, (_, i) => append(taskId, [exampleEvent(`k${i % 25}`)])));
    expect(verifyChain(await chainOf(taskId), { tenant: 'acme', taskId })).toMatchObject({
      isIntact: true,
      entries: 25,
    });
  });

  test('a time without milliseconds is chained as it will be read', async () => {
    const taskId = await newTask('time');
    await append(taskId, [exampleEvent('a', { at: '2026-03-01T11:00:00+01:00' })]);
    const entries = await chainOf(taskId);
    expect(entries[0]?.at).toBe('2026-03-01T10:00:00.000Z');
    expect(verifyChain(entries, { tenant: 'acme', taskId }).isIntact).toBe(true);
  });

  test('there is none for a task that is not there', async () => {
    await expect(append('tsk_none', [exampleEvent('a')])).rejects.toThrow('there is no task tsk_none');
  });
});

describe('tampering', () => {
  test('in the database is found, whichever column was changed', async () => {
    const taskId = await newTask('tampered');
    await append(
      taskId,
      ['a', 'b', 'c'].map((key) => exampleEvent(key)),
    );
    const changes = ["kind = 'x'", "actor = 'x'", "source_key = 'x'", "facts = '{}'", "at = at + interval '1 second'"];
    for (const change of changes) {
      const entries = await asOwner(test_.store, 'acme', async (db) => {
        await sql`savepoint before`.execute(db);
        await sql`update audit_entries set ${sql.raw(change)} where task_id = ${taskId} and seq = 2`.execute(db);
        const changed = await readAudit({ tenant: 'acme', db: db as never, announce: () => undefined }, taskId);
        await sql`rollback to savepoint before`.execute(db);
        return changed;
      });
      expect(verifyChain(entries, { tenant: 'acme', taskId })).toEqual({
        isIntact: false,
        brokenAtSeq: 2,
        why: 'changed',
      });
    }
    expect(verifyChain(await chainOf(taskId), { tenant: 'acme', taskId }).isIntact).toBe(true);
  });

  test('by leaving out, swapping, or giving out as another task’s is found', async () => {
    const taskId = await newTask('reordered');
    await append(
      taskId,
      ['a', 'b', 'c'].map((key) => exampleEvent(key)),
    );
    const [a, b, c] = await chainOf(taskId);
    if (a === undefined || b === undefined || c === undefined) throw new Error('three entries were appended');
    const of = { tenant: 'acme', taskId };
    expect(verifyChain([a, c], of)).toEqual({ isIntact: false, brokenAtSeq: 2, why: 'gap' });
    expect(verifyChain([a, { ...c, seq: 2 }], of)).toEqual({ isIntact: false, brokenAtSeq: 2, why: 'unlinked' });
    expect(verifyChain([a, b, c], { tenant: 'acme', taskId: 'tsk_other' })).toEqual({
      isIntact: false,
      brokenAtSeq: 1,
      why: 'unlinked',
    });
    expect(verifyChain([], of)).toEqual({ isIntact: true, entries: 0, head: genesisHash('acme', taskId) });
  });
});
