import { randomBytes, timingSafeEqual } from 'node:crypto';
import { sql } from 'kysely';
import { sha256Hex } from '../contracts/digest';
import type { Scope } from '../contracts/words/vocabulary';
import { type OrderKey, type Page, type PageRequest, readPage } from './page';
import { standingOf } from './memberStanding';
import type { SystemTx, TenantTx } from './store';

export interface ApiKeyRow {
  /** `key_` and 16 hex digits. */
  readonly id: string;
  readonly tenant: string;
  /** A label chosen by whoever made it. */
  readonly name: string;
  /** The start of the secret, by which a person recognises it. */
  readonly prefix: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  readonly lastUsedAt: string | null;
  /** Whose key it is; null: it is a service's, and an actor of its own. */
  readonly memberId: string | null;
}

/** A key as it may be used now. */
export interface KeyInUse extends ApiKeyRow {
  /** Who acts: the member whose key it is, else the key. */
  readonly actorId: string;
  /** Of a member's key: those it was made with that the member's roles give at this time. */
  readonly scopes: readonly Scope[];
}

const COLUMNS = [
  'id',
  'tenant',
  'name',
  'prefix',
  'scopes',
  'createdAt',
  'expiresAt',
  'revokedAt',
  'lastUsedAt',
  'memberId',
] as const satisfies readonly (keyof ApiKeyRow)[];

/** `cs_`, 12 characters to find the key by, and 43 (256 bits) that only its holder has. */
const SECRET = /^(cs_[A-Za-z0-9]{12})_[A-Za-z0-9_-]{43}$/;
const USE_IS_NOTED_EVERY_SECONDS = 60;

/** Makes a key. `secret` (`cs_…`) is what the caller presents; only its SHA-256 is kept, so it can't be had again. */
export async function createApiKey(
  tx: TenantTx,
  request: {
    readonly name: string;
    readonly scopes: readonly Scope[];
    readonly at: string;
    readonly expiresAt: string | null;
    /** Default: none. */
    readonly memberId?: string;
  },
): Promise<{ readonly key: ApiKeyRow; readonly secret: string }> {
  const prefix = `cs_${randomBytes(6).toString('hex')}`;
  const secret = `${prefix}_${randomBytes(32).toString('base64url')}`;
  const key = await tx.db
    .insertInto('apiKeys')
    .values({
      id: `key_${randomBytes(8).toString('hex')}`,
      tenant: tx.tenant,
      name: request.name,
      prefix,
      hash: sha256Hex(secret),
      scopes: [...request.scopes],
      createdAt: request.at,
      expiresAt: request.expiresAt,
      memberId: request.memberId ?? null,
    })
    .returning(COLUMNS)
    .executeTakeFirstOrThrow();
  return { key, secret };
}

/**
 * The key that was presented, if it is known, neither expired nor revoked, nor that of a member who was deactivated. Its use is
 * noted, at most once a minute.
 */
export async function authenticateApiKey(
  tx: SystemTx,
  request: { readonly presented: string; readonly at: string },
): Promise<KeyInUse | null> {
  const prefix = SECRET.exec(request.presented)?.[1];
  if (prefix === undefined) return null;
  const found = await tx.db
    .selectFrom('apiKeys')
    .select([...COLUMNS, 'hash'])
    .where('prefix', '=', prefix)
    .executeTakeFirst();
  if (found === undefined || !isSameHash(found.hash, sha256Hex(request.presented))) return null;
  const { hash: _, ...key } = found;
  if (key.revokedAt !== null || (key.expiresAt !== null && key.expiresAt <= request.at)) return null;
  const standing = await standingOf(tx, { ...key, actorId: key.id });
  if (standing === null) return null;
  await noteUse(tx, key, request.at);
  return { ...key, ...standing };
}

function isSameHash(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(one, 'hex'), Buffer.from(other, 'hex'));
}

async function noteUse(tx: SystemTx, key: ApiKeyRow, at: string): Promise<void> {
  const noted = key.lastUsedAt === null ? Number.NEGATIVE_INFINITY : Date.parse(key.lastUsedAt);
  if (Date.parse(at) - noted < USE_IS_NOTED_EVERY_SECONDS * 1_000) return;
  await tx.db.updateTable('apiKeys').set({ lastUsedAt: at }).where('id', '=', key.id).execute();
}

const OLDEST_FIRST: readonly OrderKey<ApiKeyRow>[] = [
  { name: 'created', kind: 'time', expression: sql`created_at`, isDescending: false, valueOf: (row) => row.createdAt },
  { name: 'id', kind: 'text', expression: sql`id`, isDescending: false, valueOf: (row) => row.id },
];

/** Oldest first; revoked and expired ones too. */
export async function listApiKeys(tx: TenantTx, request: PageRequest): Promise<Page<ApiKeyRow>> {
  const list = tx.db.selectFrom('apiKeys').select(COLUMNS).where('tenant', '=', tx.tenant);
  return readPage(list, OLDEST_FIRST, request);
}

/** The names of the tenant's keys with these ids, revoked ones too. */
export async function keyNames(tx: TenantTx, ids: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const rows = await tx.db
    .selectFrom('apiKeys')
    .select(['id', 'name'])
    .where('tenant', '=', tx.tenant)
    .where('id', 'in', ids)
    .execute();
  return Object.fromEntries(rows.map(({ id, name }) => [id, name]));
}

/** False where the tenant has no such key. Revoking twice keeps the first time. */
export async function revokeApiKey(
  tx: TenantTx,
  request: { readonly id: string; readonly at: string },
): Promise<boolean> {
  const revoked = await tx.db
    .updateTable('apiKeys')
    .set({ revokedAt: sql<string>`coalesce(revoked_at, ${request.at}::timestamptz)` })
    .where('tenant', '=', tx.tenant)
    .where('id', '=', request.id)
    .returning('id')
    .executeTakeFirst();
  return revoked !== undefined;
}
