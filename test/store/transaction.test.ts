import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { Client } from 'pg';
import { openStore } from '../../store/openStore';
import type { Store, TaskChange } from '../../store/store';
import { acceptTask } from '../../store/acceptTask';
import { projectTask } from '../../store/projectTask';
import { listTenants } from '../../store/tenants';
import { exampleState, exampleTask, refOf } from './exampleTask';
import { createDatabase, openTestStore, type TestStore } from './testStore';

let test_: TestStore;
const warnings: string[] = [];
beforeAll(async () => {
  test_ = await openTestStore({ onWarning: (message) => warnings.push(message) });
});
afterAll(() => test_.close());

async function eventually(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const until = Date.now() + 20_000;
  while (!(await isSo())) {
    if (Date.now() > until) throw new Error(`in 20 s it did not happen that ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('a transaction', () => {
  test('inside another is refused at once, instead of waiting for ever', async () => {
    const { store } = test_;
    const nested = store.inTenant('acme', () => store.asSystem((tx) => listTenants(tx)));
    await expect(nested).rejects.toThrow('inside another');
  });

  test('that swallowed the error of a query is no success', async () => {
    const swallowed = test_.store.inTenant('acme', async (tx) => {
      await sql`select 1 / 0`.execute(tx.db).catch(() => undefined);
    });
    await expect(swallowed).rejects.toThrow('nothing was committed');
  });

  test('keeps the error code of the database, and the next one works', async () => {
    const failed = test_.store.inTenant('acme', (tx) => sql`select 1 / ${0}::int`.execute(tx.db));
    await expect(failed).rejects.toMatchObject({ code: '22012' });
    await test_.store.ping();
  });

  test('of many at once each gets its own answers', async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        test_.store.inTenant('acme', async (tx) => {
          const { rows } = await sql<{ n: number }>`select ${i}::int as n`.execute(tx.db);
          return rows[0]?.n;
        }),
      ),
    );
    expect(answers).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  test('after closing is refused, and closing twice is one closing', async () => {
    const other = await openTestStore();
    await Promise.all([other.store.close(), other.store.close()]);
    await expect(other.store.ping()).rejects.toThrow('pool');
    await other.close();
  });
});

function isUp(): Promise<boolean> {
  return test_.store.ping().then(
    () => true,
    () => false,
  );
}

const databaseUrl = process.env['DATABASE_URL'];
const onPostgres = databaseUrl === undefined || databaseUrl === '' ? describe.skip : describe;

onPostgres('PostgreSQL', () => {
  async function killBackends(store: Store): Promise<void> {
    const name = await store.asSystem(async (tx) => {
      const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(tx.db);
      return rows[0]?.name;
    });
    const server = new Client({ connectionString: databaseUrl });
    await server.connect();
    await server.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
    await server.end();
  }

  test('that ended idle connections answers the next query, and the loss is told', async () => {
    await Promise.all(Array.from({ length: 5 }, () => test_.store.ping()));
    await killBackends(test_.store);
    await eventually(() => warnings.some((warning) => warning.includes('idle connection')), 'the loss was told');
    await eventually(isUp, 'the store answered');
  });

  test('that ended a connection within a transaction fails that one only', async () => {
    const { store } = test_;
    const failed = store.inTenant('acme', async (tx) => {
      await sql`select 1`.execute(tx.db);
      await killBackendsOf(tx);
      await sql`select 1`.execute(tx.db);
    });
    await expect(failed).rejects.toThrow();
    await store.ping();
  });

  async function killBackendsOf(tx: { readonly db: Parameters<ReturnType<typeof sql>['execute']>[0] }): Promise<void> {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx.db);
    const server = new Client({ connectionString: databaseUrl });
    await server.connect();
    await server.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
    await server.end();
  }

  test('tells the changes of one process to another, again after its connections were lost', async () => {
    const { keyring, location } = test_;
    const other = await openStore(location);
    const heard: TaskChange[] = [];
    other.onTaskChanged((change) => heard.push(change));
    const task = exampleTask(keyring, 'told');
    await test_.store.inTenant('acme', (tx) => acceptTask(tx, keyring, task));
    let revision = 0;
    const isTold = async (): Promise<boolean> => {
      revision += 1;
      await test_.store.inTenant('acme', (tx) =>
        projectTask(tx, refOf(task), { state: exampleState(revision), events: [] }),
      );
      return heard.length > 0;
    };
    await eventually(isTold, 'a change was told');
    await killBackends(test_.store);
    await eventually(isUp, 'the store answered');
    heard.length = 0;
    await eventually(isTold, 'a change was told after the loss');
    await other.close();
    expect(heard.every(({ taskId }) => taskId === task.taskId)).toBe(true);
  });

  test('that is not there is an error that says what to check, without the password', async () => {
    const error: unknown = await openStore({ databaseUrl: 'postgres://me:hidden@127.0.0.1:1/none' }).catch(
      (e: unknown) => e,
    );
    expect(error).toMatchObject({ message: expect.stringContaining('Check DATABASE_URL') });
    expect(String(error)).toContain('ECONNREFUSED');
    expect(String(error)).not.toContain('hidden');
  });

  test('is migrated by one of several processes that start at once, and not again', async () => {
    // Not from the template: an empty one.
    const made = await createDatabase(databaseUrl ?? '', { isEmpty: true });
    const stores = await Promise.all(Array.from({ length: 5 }, () => openStore({ databaseUrl: made.databaseUrl })));
    for (const store of stores) expect(await store.asSystem((tx) => listTenants(tx))).toEqual([]);
    await Promise.all(stores.map((store) => store.close()));
    await made.drop();
  });
});
