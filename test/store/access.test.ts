import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { authenticateApiKey, createApiKey, listApiKeys, revokeApiKey } from '../../store/apiKeys';
import { ensureOwnMember } from '../../store/members';
import { createSignInToken, endSession, readSession, redeemSignInToken } from '../../store/sessions';
import { AT, minutesLater } from './exampleTask';
import { openTestStore, type TestStore } from './testStore';

let test_: TestStore;
beforeAll(async () => {
  test_ = await openTestStore();
});
afterAll(() => test_.close());

function createKey(name: string, expiresAt: string | null = null): ReturnType<typeof createApiKey> {
  return test_.store.inTenant('acme', (tx) =>
    createApiKey(tx, { name, scopes: ['tasks:read', 'admin'], at: AT, expiresAt }),
  );
}

function authenticate(presented: string, at = AT): ReturnType<typeof authenticateApiKey> {
  return test_.store.asSystem((tx) => authenticateApiKey(tx, { presented, at }));
}

describe('an API key', () => {
  test('names its tenant and scopes to whoever presents its secret, which is not stored', async () => {
    const { key, secret } = await createKey('ci');
    expect(secret.startsWith(`${key.prefix}_`)).toBe(true);
    expect(await authenticate(secret)).toMatchObject({ id: key.id, tenant: 'acme', scopes: ['tasks:read', 'admin'] });
    const { rows } = await test_.store.inTenant('acme', async (tx) => ({
      rows: await tx.db.selectFrom('apiKeys').selectAll().execute(),
    }));
    expect(JSON.stringify(rows)).not.toContain(secret.slice(key.prefix.length + 1));
  });

  test('of another end, or none, or no form of a key is not known', async () => {
    const { secret } = await createKey('guessed');
    const wrong = secret.slice(0, -1) + (secret.endsWith('A') ? 'B' : 'A');
    for (const presented of [wrong, secret.slice(0, 15), '', 'cs_', "cs_' or 1=1", `${secret}x`]) {
      expect(await authenticate(presented)).toBeNull();
    }
  });

  test('ends when it expires, to the instant', async () => {
    const { secret } = await createKey('short', minutesLater(10));
    expect(await authenticate(secret, minutesLater(9.999))).not.toBeNull();
    expect(await authenticate(secret, minutesLater(10))).toBeNull();
  });

  test('ends when it is revoked, and the first time stays', async () => {
    const { key, secret } = await createKey('revoked');
    const revoke = (at: string) => test_.store.inTenant('acme', (tx) => revokeApiKey(tx, { id: key.id, at }));
    expect([await revoke(minutesLater(1)), await revoke(minutesLater(2))]).toEqual([true, true]);
    expect(await authenticate(secret)).toBeNull();
    const { items } = await test_.store.inTenant('acme', (tx) => listApiKeys(tx, {}));
    expect(items.find(({ id }) => id === key.id)?.revokedAt).toBe(minutesLater(1));
    expect(await test_.store.inTenant('acme', (tx) => revokeApiKey(tx, { id: 'key_none', at: AT }))).toBe(false);
  });

  test('shows when it was last used, noted once a minute', async () => {
    const { key, secret } = await createKey('used');
    for (const minutes of [1, 1.5, 3]) await authenticate(secret, minutesLater(minutes));
    const page = await test_.store.inTenant('acme', (tx) => listApiKeys(tx, {}));
    expect(page.items.find(({ id }) => id === key.id)?.lastUsedAt).toBe(minutesLater(3));
    await authenticate(secret, minutesLater(3.5));
    const later = await test_.store.inTenant('acme', (tx) => listApiKeys(tx, {}));
    expect(later.items.find(({ id }) => id === key.id)?.lastUsedAt).toBe(minutesLater(3));
  });

  test('is listed once over pages of two', async () => {
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await test_.store.inTenant('acme', (tx) => listApiKeys(tx, { limit: 2, cursor }));
      ids.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    const { items } = await test_.store.inTenant('acme', (tx) => listApiKeys(tx, { limit: 200 }));
    expect(ids).toEqual(items.map(({ id }) => id));
  });
});

describe('signing in', () => {
  let memberId: string;
  beforeAll(async () => {
    memberId = await test_.store.inTenant('acme', (tx) =>
      ensureOwnMember(tx, test_.keyring, { name: 'Ann', roles: ['admin'], at: AT }),
    );
  });
  const issue = () =>
    test_.store.inTenant('acme', (tx) => createSignInToken(tx, { memberId, at: AT, expiresAt: minutesLater(10) }));
  const redeem = (token: string, at = AT) =>
    test_.store.asSystem((tx) => redeemSignInToken(tx, { token, at, sessionExpiresAt: minutesLater(60) }));
  const read = (cookie: string, at = AT) => test_.store.asSystem((tx) => readSession(tx, { cookie, at }));

  test('a token opens one session, whoever else tries it at the same time', async () => {
    const { token } = await issue();
    const opened = await Promise.all(Array.from({ length: 10 }, () => redeem(token)));
    const sessions = opened.filter((each) => each !== null);
    expect(sessions).toHaveLength(1);
    expect(await read(sessions[0]?.cookie ?? '')).toEqual({
      tenant: 'acme',
      actorId: memberId,
      scopes: ['admin'],
      expiresAt: minutesLater(60),
    });
    expect(await redeem(token)).toBeNull();
  });

  test('an expired or unknown token opens none, and does not come back to life', async () => {
    const { token } = await issue();
    expect(await redeem(token, minutesLater(10))).toBeNull();
    expect(await redeem(token)).toBeNull();
    expect(await redeem('unknown')).toBeNull();
  });

  test('a session ends when it expires and when it is ended', async () => {
    const opened = await redeem((await issue()).token);
    const cookie = opened?.cookie ?? '';
    expect(await read(cookie, minutesLater(59))).not.toBeNull();
    expect(await read(cookie, minutesLater(60))).toBeNull();
    await test_.store.asSystem((tx) => endSession(tx, cookie));
    expect(await read(cookie)).toBeNull();
  });
});
