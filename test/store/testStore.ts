import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { createKeyring, type Keyring } from '../../platform/encryption/keyring';
import { migrationsFingerprint } from '../../store/migrate';
import { openStore, type StoreLocation, type StoreOptions } from '../../store/openStore';
import type { Store } from '../../store/store';
import { ensureTenant } from '../../store/tenants';

export interface TestStore {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly tenant: string;
  /** Opens the same data once more, as another process would; null where one owner is the rule. */
  readonly location: StoreLocation;
  /** Closes the store and drops its database. */
  close(): Promise<void>;
}

/**
 * A migrated, empty store with one tenant, of this test file alone: in memory, or, with DATABASE_URL, a database of its own on that
 * server, copied from a template that is migrated once.
 */
export async function openTestStore(options: StoreOptions = {}): Promise<TestStore> {
  const databaseUrl = process.env['DATABASE_URL'];
  if (databaseUrl === undefined || databaseUrl === '')
    return opened({ memory: true }, options, () => Promise.resolve());
  const made = await createDatabase(databaseUrl);
  return opened({ databaseUrl: made.databaseUrl }, options, made.drop);
}

async function opened(location: StoreLocation, options: StoreOptions, drop: () => Promise<void>): Promise<TestStore> {
  const store = await openStore(location, options);
  const tenant = 'acme';
  await store.asSystem((tx) => ensureTenant(tx, { id: tenant, name: 'Acme', createdAt: '2026-01-01T00:00:00.000Z' }));
  const close = async (): Promise<void> => {
    await store.close();
    await drop();
  };
  return { store, keyring: createKeyring(randomBytes(32)), tenant, location, close };
}

/** A database of its own on the server, migrated unless it is to be empty. */
export async function createDatabase(
  databaseUrl: string,
  { isEmpty = false }: { readonly isEmpty?: boolean } = {},
): Promise<{ readonly databaseUrl: string; drop(): Promise<void> }> {
  const template = `countersign_template_${migrationsFingerprint()}`;
  const name = `countersign_test_${randomBytes(6).toString('hex')}`;
  await onServer(databaseUrl, async (server) => {
    // One test file makes the template, the others wait; the lock also keeps it free of connections while it is copied.
    await server.query('select pg_advisory_lock(7305401)');
    const found = await server.query('select from pg_database where datname = $1', [template]);
    if (found.rowCount === 0 && !isEmpty) await createTemplate(server, databaseUrl, template);
    await server.query(`create database ${name} template ${isEmpty ? 'template1' : template}`);
  });
  const drop = (): Promise<void> =>
    onServer(databaseUrl, async (server) => void (await server.query(`drop database ${name} with (force)`)));
  return { databaseUrl: withDatabase(databaseUrl, name), drop };
}

/** Migrated under another name: the template's name is only there once it is whole. */
async function createTemplate(server: Client, databaseUrl: string, template: string): Promise<void> {
  const draft = `${template}_draft`;
  await server.query(`drop database if exists ${draft}`);
  await server.query(`create database ${draft}`);
  const store = await openStore({ databaseUrl: withDatabase(databaseUrl, draft) });
  await store.close();
  await server.query(`alter database ${draft} rename to ${template}`);
}

async function onServer(databaseUrl: string, work: (server: Client) => Promise<void>): Promise<void> {
  const server = new Client({ connectionString: databaseUrl });
  await server.connect();
  try {
    await work(server);
  } finally {
    await server.end();
  }
}

function withDatabase(databaseUrl: string, name: string): string {
  const url = new URL(databaseUrl);
  url.pathname = `/${name}`;
  return url.href;
}
