import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Kysely, sql } from 'kysely';
import { acceptTask } from '../../store/acceptTask';
import { createApiKey, listApiKeys, revokeApiKey } from '../../store/apiKeys';
import { readAudit } from '../../store/audit';
import { projectTask } from '../../store/projectTask';
import { listReviews, readReview } from '../../store/reviews';
import { listTasks, markStarted, readTask } from '../../store/tasks';
import { ensureTenant } from '../../store/tenants';
import { getTexts, putTexts } from '../../store/texts';
import { asOwner } from './asOwner';
import { AT, exampleEvent, exampleReview, exampleState, exampleTask, refOf } from './exampleTask';
import { openTestStore, type TestStore } from './testStore';

let test_: TestStore;
const secret = { input: 'Only Acme may read this' };

const WRITTEN_ONCE = [
  'audit_entries',
  'decision_answers',
  'deliveries_begun',
  'effects',
  'review_groups',
  'texts',
  'webhook_secrets',
];
const REACHED_BY_THE_SYSTEM = ['api_keys', 'members', 'sessions', 'sign_in_tokens'];

beforeAll(async () => {
  test_ = await openTestStore();
  const { store, keyring } = test_;
  await store.asSystem((tx) => ensureTenant(tx, { id: 'globex', name: 'Globex', createdAt: AT }));
  const task = exampleTask(keyring, 'isolated', { texts: secret });
  const state = exampleState(1, { review: exampleReview(task) });
  await store.inTenant('acme', async (tx) => {
    await acceptTask(tx, keyring, task);
    await projectTask(tx, refOf(task), { state, events: [exampleEvent('a')] });
    await createApiKey(tx, { name: 'theirs', scopes: ['admin'], at: AT, expiresAt: null });
  });
});
afterAll(() => test_.close());

describe('a tenant', () => {
  test('sees no row of another in any table, with no WHERE at all', async () => {
    const { store } = test_;
    const tables = await tablesOfTenants();
    expect(tables.length).toBeGreaterThan(10);
    const count = (tenant: string, table: string): Promise<number> =>
      store.inTenant(tenant, async (tx) => {
        const { rows } = await sql<{ count: number }>`select count(*) from ${sql.table(table)}`.execute(tx.db);
        return rows[0]?.count ?? -1;
      });
    for (const table of tables) expect([table, await count('globex', table)]).toEqual([table, 0]);
    expect(await count('acme', 'tasks')).toBe(1);
    expect(await count('acme', 'texts')).toBe(1);
  });

  test('has one policy on every table, that a row is its own to be seen and to be written', async () => {
    const wrong = await asOwner(test_.store, 'acme', tablesWithoutThePolicy);
    expect(wrong).toEqual([]);
  });

  test.each([
    ['sees all', `alter policy of_the_tenant on webhook_deliveries using (true)`],
    ['writes for all', `alter policy of_the_tenant on gold_cases with check (true)`],
    ['has a second policy', `create policy another on budget_accounts to public using (true)`],
    ['has none', `drop policy of_the_tenant on members`],
  ])('who %s is found by that', async (_, fault) => {
    let wrong: readonly string[] = [];
    const planted = asOwner(test_.store, 'acme', async (db) => {
      await sql.raw(fault).execute(db);
      wrong = await tablesWithoutThePolicy(db);
      throw new Error('taken back');
    });
    await expect(planted).rejects.toThrow('taken back');
    expect(wrong).toEqual([/ on (\w+)/.exec(fault)?.[1]]);
  });

  test('can neither write a row of another nor give one away', async () => {
    const { store } = test_;
    const planted = store.inTenant('globex', (tx) =>
      tx.db
        .insertInto('subjectKeys')
        .values({
          tenant: 'acme',
          id: 'planted',
          masterKeyId: 'm',
          nonce: Buffer.alloc(1),
          ciphertext: Buffer.alloc(1),
          createdAt: AT,
        })
        .execute(),
    );
    await expect(planted).rejects.toThrow('row-level security');
    const given = store.inTenant('acme', (tx) =>
      tx.db
        .updateTable('tasks')
        .set({ tenant: 'globex' } as never)
        .execute(),
    );
    await expect(given).rejects.toThrow('row-level security');
    const changed = await store.inTenant('globex', (tx) =>
      tx.db.updateTable('tasks').set({ status: 'completed' }).executeTakeFirst(),
    );
    expect(changed.numUpdatedRows).toBe(0n);
  });

  test('gets nothing for the ids of another', async () => {
    const { store, keyring } = test_;
    const { taskId } = exampleTask(keyring, 'isolated');
    const { items } = await store.inTenant('acme', (tx) => listApiKeys(tx, {}));
    await store.inTenant('globex', async (tx) => {
      expect(await readTask(tx, taskId)).toBeNull();
      expect((await listTasks(tx, {})).items).toEqual([]);
      expect((await listReviews(tx, { now: AT })).items).toEqual([]);
      expect(await readReview(tx, { reviewId: `rev_${taskId.slice(4)}`, now: AT })).toBeNull();
      expect(await readAudit(tx, taskId)).toEqual([]);
      expect(await getTexts(tx, keyring, { taskId, names: ['input'] })).toEqual({});
      expect(await revokeApiKey(tx, { id: items[0]?.id ?? '', at: AT })).toBe(false);
      await markStarted(tx, { taskId, at: AT });
    });
    await expect(
      store.inTenant('globex', (tx) => putTexts(tx, keyring, { taskId, texts: { note: 'x' }, at: AT })),
    ).rejects.toThrow('there is no task');
    const projected = store.inTenant('globex', (tx) =>
      projectTask(
        tx,
        { tenant: 'globex', taskId, type: 'bank-support' },
        { state: exampleState(9), events: [exampleEvent('z')] },
      ),
    );
    await expect(projected).rejects.toThrow('there is no task');
    const task = await store.inTenant('acme', (tx) => readTask(tx, taskId));
    expect(task?.revision).toBe(1);
  });

  test('may not rewrite what is written once', async () => {
    const { store } = test_;
    const writtenOnce = await tablesThat(`not has_any_column_privilege('countersign_app', oid, 'update')`);
    expect(writtenOnce).toEqual(WRITTEN_ONCE);
    for (const table of writtenOnce) {
      const change = store.inTenant('acme', (tx) => sql`update ${sql.table(table)} set tenant = tenant`.execute(tx.db));
      await expect(change).rejects.toThrow('permission denied');
      const removal = store.inTenant('acme', (tx) => sql`delete from ${sql.table(table)}`.execute(tx.db));
      await expect(removal).rejects.toThrow('permission denied');
    }
  });

  test('of a name that could be SQL is refused', async () => {
    const { store } = test_;
    for (const name of ["acme'; reset role; --", '', 'ACME', 'a'.repeat(41)]) {
      await expect(store.inTenant(name, () => Promise.resolve())).rejects.toThrow('is no tenant');
    }
  });
});

describe('the system', () => {
  test('reaches no table of tenants but for those by which people and keys are let in', async () => {
    const { store } = test_;
    const reached = await tablesThat(`has_any_column_privilege('countersign_system', oid, 'select, insert, update')
      or has_table_privilege('countersign_system', oid, 'delete, truncate')`);
    expect(reached).toEqual(REACHED_BY_THE_SYSTEM);
    const others = (await tablesOfTenants()).filter((table) => !reached.includes(table));
    expect(others).toEqual(expect.arrayContaining(['tasks', 'texts', 'subject_keys', 'reviews', 'webhook_secrets']));
    for (const table of others) {
      const read = store.asSystem((tx) => sql`select * from ${sql.table(table)}`.execute(tx.db));
      await expect(read).rejects.toThrow('permission denied');
    }
  });

  test('every table with a tenant is under forced row-level security', async () => {
    const tables = await tablesOfTenants();
    const unprotected = await asOwner(test_.store, 'acme', async (db) => {
      const { rows } = await sql<{ name: string }>`
        select relname as name from pg_class
        where relname = any(${tables}::text[]) and not (relrowsecurity and relforcerowsecurity)`.execute(db);
      return rows;
    });
    expect(unprotected).toEqual([]);
  });

  test('a transaction leaves neither its role nor its tenant behind', async () => {
    const { store } = test_;
    await store.inTenant('acme', () => Promise.resolve());
    const left = await store.asSystem(async (tx) => {
      const { rows } = await sql<{ tenant: string | null }>`
        select nullif(current_setting('countersign.tenant', true), '') as tenant`.execute(tx.db);
      return rows[0]?.tenant;
    });
    expect(left).toBeNull();
  });
});

function tablesOfTenants(): Promise<readonly string[]> {
  return tablesThat('true');
}

/** Tables with rows of tenants of which that is so, by name. */
function tablesThat(condition: string): Promise<readonly string[]> {
  return test_.store.inTenant('acme', async (tx) => {
    const { rows } = await sql<{ name: string }>`
      select relname as name from pg_class
      where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p') and (${sql.raw(condition)})
        and exists (select from pg_attribute where attrelid = pg_class.oid and attname = 'tenant')
      order by relname`.execute(tx.db);
    return rows.map(({ name }) => name);
  });
}

/** The system's own policies are about a role that reaches what its rights say. */
async function tablesWithoutThePolicy(db: Kysely<Record<string, Record<string, unknown>>>): Promise<readonly string[]> {
  const own = `(tenant = current_setting('countersign.tenant'::text, true))`;
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class
    where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')
      and exists (select from pg_attribute where attrelid = pg_class.oid and attname = 'tenant')
      and (select array_agg(concat_ws(' ', roles, cmd, qual, with_check)) from pg_policies
        where schemaname = current_schema() and tablename = relname and roles <> '{countersign_system}')
        is distinct from array[concat_ws(' ', '{countersign_app}', 'ALL', ${own}::text, ${own}::text)]`.execute(db);
  return rows.map(({ name }) => name);
}
