import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Role } from '../contracts/words/roles';
import type { Keyring } from '../platform/encryption/keyring';
import { type OrderKey, type Page, type PageRequest, readPage } from './page';
import type { TenantTx } from './store';

/** A person of the installation. Whatever keys and sessions they have, they are one actor: their id. */
export interface Member {
  /** `mem_` and 16 hex digits. */
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** The queues whose reviews they are told of; empty: of all. */
  readonly queues: readonly string[];
  /** BCP 47; null: that of the installation. */
  readonly locale: string | null;
  readonly createdAt: string;
  readonly deactivatedAt: string | null;
}

/** Where a member is told something. Kept encrypted. */
export interface MemberAddresses {
  readonly email: string | null;
  readonly slackUserId: string | null;
}

export interface AddressedMember extends Member {
  readonly addresses: MemberAddresses;
}

export type MemberDetails = Pick<AddressedMember, 'name' | 'roles' | 'queues' | 'locale' | 'addresses'>;

export type MemberChanges = Partial<Omit<MemberDetails, 'addresses'>> & {
  readonly addresses?: Partial<MemberAddresses>;
};

/** Another active member of the tenant has this address. */
export class AddressTakenError extends Error {
  override readonly name = 'AddressTakenError';
  constructor(readonly address: keyof MemberAddresses) {
    super(`another member has this ${address}`);
  }
}

const COLUMNS = ['id', 'name', 'roles', 'queues', 'locale', 'createdAt', 'deactivatedAt'] as const;
const WITH_ADDRESSES = [...COLUMNS, 'masterKeyId', 'nonce', 'ciphertext'] as const;

/** Throws an AddressTakenError. */
export async function createMember(
  tx: TenantTx,
  keyring: Keyring,
  { details, at }: { readonly details: MemberDetails; readonly at: string },
): Promise<AddressedMember> {
  const id = `mem_${randomBytes(8).toString('hex')}`;
  const insert = tx.db
    .insertInto('members')
    .values({ tenant: tx.tenant, id, createdAt: at, ...columnsOf(tx, keyring, { id, details }) })
    .returning(COLUMNS);
  const row = await refusingTaken(insert.executeTakeFirstOrThrow());
  return { ...row, addresses: details.addresses };
}

/**
 * The member who stands for whoever runs the installation's own processes. The same id each time; active, and with these roles,
 * whatever became of it meanwhile: nobody can be kept out of a machine that is theirs.
 */
export async function ensureOwnMember(
  tx: TenantTx,
  keyring: Keyring,
  member: { readonly name: string; readonly roles: readonly Role[]; readonly at: string },
): Promise<string> {
  const id = `mem_${Buffer.from(keyring.blindIndex(tx.tenant, 'member', member.name))
    .toString('hex')
    .slice(0, 16)}`;
  const roles = [...member.roles];
  await tx.db
    .insertInto('members')
    .values({
      ...{ tenant: tx.tenant, id, name: member.name, roles, queues: [], locale: null, createdAt: member.at },
      ...{ masterKeyId: null, nonce: null, ciphertext: null, emailIndex: null, slackIndex: null },
    })
    .onConflict((conflict) => conflict.columns(['tenant', 'id']).doUpdateSet({ roles, deactivatedAt: null }))
    .execute();
  return id;
}

export async function readMember(tx: TenantTx, keyring: Keyring, id: string): Promise<AddressedMember | null> {
  const row = await tx.db
    .selectFrom('members')
    .select(WITH_ADDRESSES)
    .where('tenant', '=', tx.tenant)
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined ? null : addressed(tx, keyring, row);
}

/** The active member with this id in Slack. */
export async function memberBySlackId(
  tx: TenantTx,
  keyring: Keyring,
  slackUserId: string,
): Promise<AddressedMember | null> {
  const { slackIndex } = indexesOf(tx, keyring, { email: null, slackUserId });
  const row = await tx.db
    .selectFrom('members')
    .select(WITH_ADDRESSES)
    .where('tenant', '=', tx.tenant)
    .where('slackIndex', '=', slackIndex)
    .where('deactivatedAt', 'is', null)
    .executeTakeFirst();
  return row === undefined ? null : addressed(tx, keyring, row);
}

const OLDEST_FIRST: readonly OrderKey<Pick<AddressedMember, 'createdAt' | 'id'>>[] = [
  { name: 'created', kind: 'time', expression: sql`created_at`, isDescending: false, valueOf: (row) => row.createdAt },
  { name: 'id', kind: 'text', expression: sql`id`, isDescending: false, valueOf: (row) => row.id },
];

/** Oldest first; deactivated ones too. */
export async function listMembers(
  tx: TenantTx,
  keyring: Keyring,
  request: PageRequest,
): Promise<Page<AddressedMember>> {
  const list = tx.db.selectFrom('members').select(WITH_ADDRESSES).where('tenant', '=', tx.tenant);
  const { items, nextCursor } = await readPage(list, OLDEST_FIRST, request);
  return { items: items.map((row) => addressed(tx, keyring, row)), nextCursor };
}

/** Changes what is given and leaves the rest. Null where the tenant has no such member; throws an AddressTakenError. */
export async function changeMember(
  tx: TenantTx,
  keyring: Keyring,
  { id, changes }: { readonly id: string; readonly changes: MemberChanges },
): Promise<AddressedMember | null> {
  // Two changes at once are one after the other: each keeps what the other changed.
  await tx.db
    .selectFrom('members')
    .select('id')
    .where('tenant', '=', tx.tenant)
    .where('id', '=', id)
    .forUpdate()
    .execute();
  const before = await readMember(tx, keyring, id);
  if (before === null) return null;
  const after = { ...before, ...changes, addresses: { ...before.addresses, ...changes.addresses } };
  const update = tx.db
    .updateTable('members')
    .set(columnsOf(tx, keyring, { id, details: after }))
    .where('tenant', '=', tx.tenant)
    .where('id', '=', id);
  await refusingTaken(update.execute());
  return after;
}

/** Ends what the member's keys and sessions may do. False where the tenant has no such member. Twice keeps the first time. */
export async function deactivateMember(
  tx: TenantTx,
  { id, at }: { readonly id: string; readonly at: string },
): Promise<boolean> {
  const found = await tx.db
    .updateTable('members')
    .set({ deactivatedAt: sql<string>`coalesce(deactivated_at, ${at}::timestamptz)` })
    .where('tenant', '=', tx.tenant)
    .where('id', '=', id)
    .returning('id')
    .executeTakeFirst();
  return found !== undefined;
}

/** The names of the tenant's members with these ids, deactivated ones too. */
export async function memberNames(tx: TenantTx, ids: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const rows = await tx.db
    .selectFrom('members')
    .select(['id', 'name'])
    .where('tenant', '=', tx.tenant)
    .where('id', 'in', ids)
    .execute();
  return Object.fromEntries(rows.map(({ id, name }) => [id, name]));
}

interface Sealed {
  readonly id: string;
  readonly masterKeyId: string | null;
  readonly nonce: Uint8Array | null;
  readonly ciphertext: Uint8Array | null;
}

function addressed<Row extends Sealed>(tx: TenantTx, keyring: Keyring, row: Row) {
  const { masterKeyId, nonce, ciphertext, ...member } = row;
  if (masterKeyId === null || nonce === null || ciphertext === null) return { ...member, addresses: NOWHERE };
  const text = keyring.unwrapSecret({ masterKeyId, nonce, ciphertext }, placeOf(tx, row.id));
  return { ...member, addresses: JSON.parse(Buffer.from(text).toString('utf8')) as MemberAddresses };
}

const NOWHERE: MemberAddresses = { email: null, slackUserId: null };

function placeOf({ tenant }: TenantTx, id: string) {
  return { tenant, name: `addresses of ${id}` };
}

function columnsOf(tx: TenantTx, keyring: Keyring, { id, details }: { id: string; details: MemberDetails }) {
  const { name, roles, queues, locale, addresses } = details;
  const isNowhere = addresses.email === null && addresses.slackUserId === null;
  const sealed = isNowhere
    ? { masterKeyId: null, nonce: null, ciphertext: null }
    : keyring.wrapSecret(Buffer.from(JSON.stringify(addresses), 'utf8'), placeOf(tx, id));
  return { name, roles: [...roles], queues: [...queues], locale, ...sealed, ...indexesOf(tx, keyring, addresses) };
}

/** E-mail addresses that differ in case only are taken for the same. */
function indexesOf({ tenant }: TenantTx, keyring: Keyring, { email, slackUserId }: MemberAddresses) {
  return {
    emailIndex: email === null ? null : keyring.blindIndex(tenant, 'member email', email.toLowerCase()),
    slackIndex: slackUserId === null ? null : keyring.blindIndex(tenant, 'member slack', slackUserId),
  };
}

const ADDRESS_OF_INDEX: Readonly<Record<string, keyof MemberAddresses>> = {
  members_by_email: 'email',
  members_by_slack: 'slackUserId',
};

/** The unique indexes say so, whoever else makes a member at the same time. */
async function refusingTaken<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    const { constraint } = Object(error) as { constraint?: string };
    const address = constraint === undefined ? undefined : ADDRESS_OF_INDEX[constraint];
    throw address === undefined ? error : new AddressTakenError(address);
  }
}
