import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { Role } from '../../contracts/words/roles';
import { authenticateApiKey, createApiKey } from '../../store/apiKeys';
import {
  changeMember,
  createMember,
  deactivateMember,
  ensureOwnMember,
  listMembers,
  type MemberChanges,
  type MemberDetails,
  memberNames,
  readMember,
} from '../../store/members';
import { createSignInToken, readSession, redeemSignInToken } from '../../store/sessions';
import { ensureTenant } from '../../store/tenants';
import { AT, minutesLater } from './exampleTask';
import { openTestStore, type TestStore } from './testStore';

let test_: TestStore;
beforeAll(async () => {
  test_ = await openTestStore();
  await test_.store.asSystem((tx) => ensureTenant(tx, { id: 'globex', name: 'Globex', createdAt: AT }));
});
afterAll(() => test_.close());

const NOWHERE = { email: null, slackUserId: null };

function make(details: Partial<MemberDetails> = {}, tenant = 'acme') {
  const all = { name: 'Ann', roles: ['reviewer'] as Role[], queues: [], locale: null, addresses: NOWHERE, ...details };
  return test_.store.inTenant(tenant, (tx) => createMember(tx, test_.keyring, { details: all, at: AT }));
}

const change = (id: string, changes: MemberChanges, tenant = 'acme') =>
  test_.store.inTenant(tenant, (tx) => changeMember(tx, test_.keyring, { id, changes }));
const deactivate = (id: string, tenant = 'acme') =>
  test_.store.inTenant(tenant, (tx) => deactivateMember(tx, { id, at: AT }));
const read = (id: string, tenant = 'acme') => test_.store.inTenant(tenant, (tx) => readMember(tx, test_.keyring, id));
const keyOf = async (memberId: string, scopes: Parameters<typeof createApiKey>[1]['scopes']) =>
  test_.store.inTenant('acme', (tx) =>
    createApiKey(tx, { name: 'of a person', scopes, at: AT, expiresAt: null, memberId }),
  );
const present = (presented: string) => test_.store.asSystem((tx) => authenticateApiKey(tx, { presented, at: AT }));

describe('a member', () => {
  test('is read as it was made, with the addresses that are stored encrypted', async () => {
    const addresses = { email: 'ann@example.com', slackUserId: 'U0ANN' };
    const made = await make({ addresses, queues: ['support'], locale: 'de-CH', roles: ['reviewer', 'approver'] });
    expect(made.id).toMatch(/^mem_[0-9a-f]{16}$/);
    expect(await read(made.id)).toEqual({ ...made, addresses });
    const raw = await test_.store.inTenant('acme', (tx) =>
      sql`select members.*::text as row from members`.execute(tx.db),
    );
    expect(JSON.stringify(raw.rows)).toContain('Ann');
    expect(JSON.stringify(raw.rows)).not.toMatch(/ann@example|U0ANN/i);
  });

  test('keeps what a change does not name', async () => {
    const made = await make({ name: 'Bea', addresses: { email: 'bea@example.com', slackUserId: null } });
    expect(await change(made.id, { roles: ['lead'] })).toEqual({ ...made, roles: ['lead'] });
    expect(await read(made.id)).toEqual({ ...made, roles: ['lead'] });
    expect((await change(made.id, { addresses: { slackUserId: 'U0BEA' } }))?.addresses).toEqual({
      email: 'bea@example.com',
      slackUserId: 'U0BEA',
    });
    expect(await change('mem_0000000000000000', { name: 'Nobody' })).toBeNull();
  });

  test('has its addresses for itself while it is active, whatever their case', async () => {
    const addresses = { email: 'Cy@example.com', slackUserId: 'U0CY' };
    const first = await make({ name: 'Cy', addresses });
    const same = { email: 'cy@EXAMPLE.com', slackUserId: null };
    await expect(make({ addresses: same })).rejects.toMatchObject({ name: 'AddressTakenError', address: 'email' });
    await expect(make({ addresses: { email: null, slackUserId: 'U0CY' } })).rejects.toMatchObject({
      address: 'slackUserId',
    });
    const other = await make({ name: 'Di' });
    await expect(change(other.id, { addresses: same })).rejects.toMatchObject({ address: 'email' });
    expect((await make({ addresses }, 'globex')).addresses).toEqual(addresses);
    await deactivate(first.id);
    expect((await change(other.id, { addresses }))?.addresses).toEqual(addresses);
  });

  test('is listed once over pages of two, deactivated ones too', async () => {
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await test_.store.inTenant('acme', (tx) => listMembers(tx, test_.keyring, { limit: 2, cursor }));
      ids.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    const all = await test_.store.inTenant('acme', (tx) => listMembers(tx, test_.keyring, { limit: 200 }));
    expect(ids).toEqual(all.items.map(({ id }) => id));
    expect(all.items.some(({ deactivatedAt }) => deactivatedAt !== null)).toBe(true);
  });

  test('of another tenant is not there, and can not be changed, deactivated or acted for', async () => {
    const theirs = await make({ name: 'Only Acme knows', addresses: { email: 'x@acme.example', slackUserId: null } });
    expect(await read(theirs.id, 'globex')).toBeNull();
    expect(await change(theirs.id, { name: 'Mine' }, 'globex')).toBeNull();
    expect(await deactivate(theirs.id, 'globex')).toBe(false);
    await test_.store.inTenant('globex', async (tx) => {
      expect(await memberNames(tx, [theirs.id])).toEqual({});
      const { rows } = await sql<{ name: string }>`select name from members`.execute(tx.db);
      expect(rows.map(({ name }) => name)).not.toContain('Only Acme knows');
    });
    const request = { name: 'stolen', scopes: ['admin'] as const, at: AT, expiresAt: null, memberId: theirs.id };
    await expect(test_.store.inTenant('globex', (tx) => createApiKey(tx, request))).rejects.toThrow('foreign key');
    expect(await read(theirs.id)).toEqual(theirs);
  });

  test('shows the system neither name nor address', async () => {
    for (const column of ['name', 'ciphertext', 'email_index'])
      await expect(
        test_.store.asSystem((tx) => sql`select ${sql.ref(column)} from members`.execute(tx.db)),
      ).rejects.toThrow('permission denied');
  });
});

describe("a member's keys and sessions", () => {
  test('are one actor, however many there are', async () => {
    const { id } = await make({ name: 'Eva', roles: ['reviewer', 'submitter'] });
    const one = await keyOf(id, ['reviews:decide']);
    const other = await keyOf(id, ['tasks:write']);
    expect((await present(one.secret))?.actorId).toBe(id);
    expect((await present(other.secret))?.actorId).toBe(id);
    const service = await test_.store.inTenant('acme', (tx) =>
      createApiKey(tx, { name: 'shop', scopes: ['tasks:write'], at: AT, expiresAt: null }),
    );
    expect((await present(service.secret))?.actorId).toBe(service.key.id);
  });

  test('may do what they were made for and the roles still give', async () => {
    const { id } = await make({ name: 'Flo', roles: ['approver'] });
    const { secret } = await keyOf(id, ['reviews:decide', 'reviews:approve', 'admin']);
    expect((await present(secret))?.scopes).toEqual(['reviews:decide', 'reviews:approve']);
    await change(id, { roles: ['reviewer'] });
    expect((await present(secret))?.scopes).toEqual(['reviews:decide']);
    await change(id, { roles: ['reviewer', 'admin', 'submitter'] });
    expect((await present(secret))?.scopes).toEqual(['reviews:decide', 'admin']);
  });

  test('end when the member is deactivated, and so do sign-in links that were not used', async () => {
    const { id } = await make({ name: 'Gil', roles: ['reviewer'] });
    const { secret } = await keyOf(id, ['reviews:read']);
    const link = () =>
      test_.store.inTenant('acme', (tx) =>
        createSignInToken(tx, { memberId: id, at: AT, expiresAt: minutesLater(10) }),
      );
    const redeem = ({ token }: { token: string }) =>
      test_.store.asSystem((tx) => redeemSignInToken(tx, { token, at: AT, sessionExpiresAt: minutesLater(60) }));
    const opened = await redeem(await link());
    const unused = await link();
    const session = () => test_.store.asSystem((tx) => readSession(tx, { cookie: opened?.cookie ?? '', at: AT }));
    expect(await session()).toMatchObject({ actorId: id, scopes: ['tasks:read', 'reviews:read', 'reviews:decide'] });
    expect(await deactivate(id)).toBe(true);
    expect([await present(secret), await session(), await redeem(unused)]).toEqual([null, null, null]);
  });
});

describe("the installation's own member", () => {
  test('is one and the same however often it is asked for, and active again', async () => {
    const ensure = (roles: readonly Role[]) =>
      test_.store.inTenant('acme', (tx) =>
        ensureOwnMember(tx, test_.keyring, { name: 'local administrator', roles, at: AT }),
      );
    const id = await ensure(['admin']);
    await deactivate(id);
    expect(await ensure(['admin', 'reviewer'])).toBe(id);
    expect(await read(id)).toMatchObject({ roles: ['admin', 'reviewer'], deactivatedAt: null });
  });
});
