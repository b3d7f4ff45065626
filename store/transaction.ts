import { AsyncLocalStorage } from 'node:async_hooks';
import { CamelCasePlugin, Kysely, PostgresDialect } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import { StoreUnavailableError } from './StoreUnavailableError';

/** Camel case in code, snake case in the database; keys inside JSON columns stay as they are. */
export const CAMEL_CASE = new CamelCasePlugin({ maintainNestedObjectKeys: true });

const isInTransaction = new AsyncLocalStorage<true>();
const queriesOfClient = new WeakMap<PoolClient, Kysely<unknown>>();

/**
 * Runs `work` between `begin` (several statements, one round trip) and commit, on one connection. node-postgres sends the first
 * query right behind `begin` without waiting; where a statement of `begin` fails, the transaction is aborted and so is every query.
 * Throws a StoreUnavailableError where there is no connection, or it is lost meanwhile.
 */
export async function transact<Tables, T>(
  pool: Pool,
  begin: string,
  work: (db: Kysely<Tables>) => Promise<T>,
): Promise<T> {
  if (isInTransaction.getStore() === true) {
    throw new Error(
      'a transaction was opened inside another: with one connection that waits for ever. Pass the outer one on.',
    );
  }
  const client = await connect(pool);
  let broken: Error | undefined;
  try {
    const begun = client.query(begin);
    // Awaited below, at the latest; until then a rejection has a listener.
    begun.catch(() => undefined);
    try {
      const result = await isInTransaction.run(true, () => work(queriesOn<Tables>(client)));
      await begun;
      await commit(client);
      return result;
    } catch (error) {
      broken = await rollback(client);
      if (broken) throw new StoreUnavailableError(error);
      // What `begin` says is the cause of what the queries say after it.
      await begun;
      throw error;
    }
  } finally {
    client.release(broken);
  }
}

async function connect(pool: Pool): Promise<PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw new StoreUnavailableError(error);
  }
}

async function commit(client: PoolClient): Promise<void> {
  const { command } = await client.query('commit');
  // PostgreSQL answers COMMIT of an aborted transaction with ROLLBACK, and no error.
  if (command !== 'COMMIT') {
    throw new Error(
      'nothing was committed: a query of the transaction failed and its error was swallowed. Let it throw.',
    );
  }
}

/** Gives the error of a connection that can't be used again. */
async function rollback(client: PoolClient): Promise<Error | undefined> {
  try {
    await client.query('rollback');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Kysely on this one connection, made once for each. */
function queriesOn<Tables>(client: PoolClient): Kysely<Tables> {
  let queries = queriesOfClient.get(client);
  if (queries === undefined) {
    const lent = { query: client.query.bind(client), release: () => undefined } as unknown as PoolClient;
    const pool = { connect: () => Promise.resolve(lent), end: () => Promise.resolve() };
    queries = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }), plugins: [CAMEL_CASE] });
    queriesOfClient.set(client, queries);
  }
  // The tables that a transaction may reach are a matter of its role, not of its connection.
  return queries as unknown as Kysely<Tables>;
}
