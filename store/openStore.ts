import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Kysely, PostgresDialect } from 'kysely';
import { Pool, type PoolConfig } from 'pg';
import { COLUMN_TYPES } from './columnTypes';
import { EmbeddedThread } from './embeddedThread';
import { lockFolder } from './folderLock';
import { readImage, writeImage } from './memoryImage';
import { migrate } from './migrate';
import { PgliteStream } from './PgliteStream';
import type { SystemTables, TenantTables } from './schema';
import { createLocalSignals, createPostgresSignals, type Signals } from './signals';
import type { Store, TaskChange } from './store';
import { createTaskChanges } from './taskChanges';
import { transact } from './transaction';

export type StoreLocation =
  /** `poolSize`: connections to PostgreSQL, default 10, besides one that listens for changes. */
  | { readonly databaseUrl: string; readonly poolSize?: number }
  /** A folder on a local disk, which one process at a time can own. */
  | { readonly directory: string }
  | { readonly memory: true };

export interface StoreOptions {
  /** Told of what the store survives by itself, such as a lost connection. Default: nobody. */
  readonly onWarning?: (message: string, cause: unknown) => void;
}

type Warn = (message: string, cause: unknown) => void;

const TENANT = /^[a-z0-9][a-z0-9-]{0,39}$/;
const CONNECT_TIMEOUT_MS = 10_000;

/** Opens the store and brings it to the newest migration. */
export function openStore(location: StoreLocation, options: StoreOptions = {}): Promise<Store> {
  const warn = options.onWarning ?? (() => undefined);
  if ('databaseUrl' in location) return openPostgres(location, warn);
  return 'memory' in location ? openMemory(warn) : openFolder(location.directory, warn);
}

async function openPostgres(
  location: { readonly databaseUrl: string; readonly poolSize?: number },
  warn: Warn,
): Promise<Store> {
  const connection = {
    connectionString: location.databaseUrl,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'countersign',
  };
  const pool = createPool({ ...connection, max: location.poolSize ?? 10, keepAlive: true }, warn);
  const signals = createPostgresSignals(connection, pool, { warn });
  const closeAll = async (): Promise<void> => {
    await signals.close();
    await pool.end();
  };
  await closingOnError(closeAll, async () => {
    await reach(pool);
    await migrateOver(pool);
  });
  return createStore('postgres', { pool, signals, closeAll });
}

/** The address may hold a password: the message has the server's words only. */
async function reach(pool: Pool): Promise<void> {
  try {
    await pool.query('select 1');
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`PostgreSQL can't be used: ${words}. Check DATABASE_URL, and that the server is up.`, { cause });
  }
}

async function openFolder(directory: string, warn: Warn): Promise<Store> {
  const lock = await lockFolder(directory);
  try {
    const dataDir = join(directory, 'data');
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    return await openEmbedded(await EmbeddedThread.start({ dataDir, image: null }), warn, () => lock.release());
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** The image of a migrated database is kept on disk, since making one takes seconds and every test file opens its own store. */
async function openMemory(warn: Warn): Promise<Store> {
  const image = await readImage();
  const thread = await EmbeddedThread.start({ dataDir: null, image });
  const store = await openEmbedded(thread, warn, () => Promise.resolve());
  if (image === null) await writeImage(await thread.dump());
  return store;
}

async function openEmbedded(thread: EmbeddedThread, warn: Warn, release: () => Promise<void>): Promise<Store> {
  const signals = createLocalSignals();
  const pool = createPool({ max: 1, idleTimeoutMillis: 0, stream: () => new PgliteStream(thread) }, warn);
  const closeAll = async (): Promise<void> => {
    await pool.end();
    await thread.close();
    await release();
  };
  await closingOnError(closeAll, () => migrateOver(pool));
  return createStore('embedded', { pool, signals, closeAll });
}

function createPool(config: PoolConfig, warn: Warn): Pool {
  const pool = new Pool({ ...config, types: COLUMN_TYPES, pipeline: true });
  // Without listeners, a connection that is lost would end the process: idle ones tell the pool, those in use only themselves.
  pool.on('error', (error) => warn('an idle connection to the store was lost; the next query opens another', error));
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

async function migrateOver(pool: Pool): Promise<void> {
  // Never destroyed: that would end the pool, which is ours.
  await migrate(new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) }));
}

async function closingOnError(closeAll: () => Promise<void>, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    await closeAll();
    throw error;
  }
}

interface Parts {
  readonly pool: Pool;
  readonly signals: Signals;
  readonly closeAll: () => Promise<void>;
}

function createStore(kind: Store['kind'], { pool, signals, closeAll }: Parts): Store {
  const changes = createTaskChanges(signals);
  let closing: Promise<void> | undefined;
  return {
    kind,
    async inTenant(tenant, work) {
      const changed: TaskChange[] = [];
      const announce = (change: TaskChange): void => void changed.push(change);
      const result = await transact(pool, beginOf(tenant), (db: Kysely<TenantTables>) =>
        work({ tenant, db, announce }),
      );
      changes.announce(changed);
      return result;
    },
    asSystem: (work) =>
      transact(pool, 'begin; set local role countersign_system', (db: Kysely<SystemTables>) => work({ db })),
    onTaskChanged: changes.subscribe,
    onChangesMissed: signals.onGap,
    presence: {
      tell: (message) => signals.send('presence', [message]),
      onTold: (listener) => signals.subscribe('presence', listener),
    },
    async ping() {
      await pool.query('select 1');
    },
    close: () => (closing ??= closeAll()),
  };
}

/** One message to the server: the role can't bypass row-level security, and its policies compare with the tenant. */
function beginOf(tenant: string): string {
  if (!TENANT.test(tenant)) throw new Error(`"${tenant}" is no tenant: 1 to 40 lower-case letters, digits and hyphens`);
  return `begin; set local role countersign_app; set local countersign.tenant = '${tenant}'`;
}
