import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createKeyring, type TextPlace } from '../../../platform/encryption/keyring';
import { KeyringError } from '../../../platform/encryption/KeyringError';
import { masterKeyFromBase64, masterKeyFromFile } from '../../../platform/encryption/masterKey';

const keyring = createKeyring(Buffer.alloc(32, 7));
const otherKeyring = createKeyring(Buffer.alloc(32, 8));
const place: TextPlace = {
  tenant: 'acme',
  taskId: 'tsk_a',
  name: 'input',
  subjectKeyId: 'sub_1',
  wrappedKey: keyring.newSubjectKey('acme', 'sub_1'),
};

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof KeyringError) return error.code;
    throw error;
  }
  return 'no error';
}

describe('texts', () => {
  test('any text comes back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (text) => {
        expect(keyring.decrypt(keyring.encrypt(text, place), place)).toBe(text);
      }),
    );
  });

  test('the same text is encrypted differently each time, and the ciphertext does not show it', () => {
    const [one, two] = [keyring.encrypt('4929 1234', place), keyring.encrypt('4929 1234', place)];
    expect(Buffer.from(one.ciphertext).equals(two.ciphertext)).toBe(false);
    expect(Buffer.from(one.ciphertext).includes('4929')).toBe(false);
  });

  test.each([
    ['another name', { name: 'draft/1' }],
    ['another task', { taskId: 'tsk_b' }],
  ])('a text moved to %s is refused', (_, moved) => {
    const sealed = keyring.encrypt('hello', place);
    expect(codeOf(() => keyring.decrypt(sealed, { ...place, ...moved }))).toBe('not_authentic');
  });

  test("a subject's key can not be used for another tenant or another subject", () => {
    const sealed = keyring.encrypt('hello', place);
    expect(codeOf(() => keyring.decrypt(sealed, { ...place, tenant: 'globex' }))).toBe('not_authentic');
    expect(codeOf(() => keyring.decrypt(sealed, { ...place, subjectKeyId: 'sub_2' }))).toBe('not_authentic');
  });

  test('a changed bit anywhere is refused', () => {
    const sealed = keyring.encrypt('hello', place);
    fc.assert(
      fc.property(fc.nat(sealed.ciphertext.length * 8 - 1), (bit) => {
        const ciphertext = Buffer.from(sealed.ciphertext);
        ciphertext.writeUInt8(ciphertext.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        expect(codeOf(() => keyring.decrypt({ ...sealed, ciphertext }, place))).toBe('not_authentic');
      }),
    );
    expect(codeOf(() => keyring.decrypt({ ...sealed, ciphertext: Buffer.alloc(3) }, place))).toBe('not_authentic');
  });

  test('another master key is told apart by its id, with the cure', () => {
    const sealed = keyring.encrypt('hello', place);
    expect(codeOf(() => otherKeyring.decrypt(sealed, place))).toBe('master_key_other');
    expect(() => otherKeyring.decrypt(sealed, place)).toThrow(keyring.masterKeyId);
    expect(() => otherKeyring.decrypt(sealed, place)).toThrow('COUNTERSIGN_MASTER_KEY');
  });

  test('a secret of a tenant opens for that tenant and name only', () => {
    const wrapped = keyring.wrapSecret(Buffer.from('secret'), { tenant: 'acme', name: 'webhook' });
    expect(Buffer.from(keyring.unwrapSecret(wrapped, { tenant: 'acme', name: 'webhook' })).toString()).toBe('secret');
    expect(codeOf(() => keyring.unwrapSecret(wrapped, { tenant: 'globex', name: 'webhook' }))).toBe('not_authentic');
  });
});

describe('keyed hashes', () => {
  test('a task id is the same for the same key, another for another key, tenant or master key', () => {
    const id = keyring.taskId('acme', 'order-1');
    expect(id).toMatch(/^tsk_[a-z2-7]{26}$/);
    expect(keyring.taskId('acme', 'order-1')).toBe(id);
    const others = [
      keyring.taskId('acme', 'order-2'),
      keyring.taskId('globex', 'order-1'),
      otherKeyring.taskId('acme', 'order-1'),
    ];
    expect(new Set([id, ...others]).size).toBe(4);
  });

  test('blind indexes keep tenant, field and value apart', () => {
    const index = keyring.blindIndex('acme', 'subject', 'jane');
    expect(index).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(keyring.blindIndex('acme', 'subject', 'jane')).toBe(index);
    expect(keyring.blindIndex('acme', 'reference', 'jane')).not.toBe(index);
    expect(keyring.blindIndex('acme', 'subjectjane', '')).not.toBe(index);
    expect(keyring.blindIndex('globex', 'subject', 'jane')).not.toBe(index);
  });

  test('the lottery draws uniformly, and the same for the same task', () => {
    const draws = Array.from({ length: 10_000 }, (_, i) => keyring.lottery('acme', `tsk_${i}`));
    expect(keyring.lottery('acme', 'tsk_1')).toBe(draws[1]);
    expect(draws.every((draw) => draw >= 0 && draw < 1)).toBe(true);
    // Five standard deviations of a binomial with p 0.05.
    const sampled = draws.filter((draw) => draw < 0.05).length;
    expect(Math.abs(sampled - 500)).toBeLessThan(5 * Math.sqrt(10_000 * 0.05 * 0.95));
  });
});

describe('tokens', () => {
  test('a token gives its payload back', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 300 }), (payload) => {
        expect(keyring.verify(keyring.sign(payload))).toEqual({ isValid: true, payload });
      }),
    );
  });

  test('a changed payload, a changed signature and another master key are forgeries', () => {
    const [payload = '', mac = ''] = keyring.sign('{"action":"approve"}').split('.');
    const changed = Buffer.from('{"action":"decline"}').toString('base64url');
    expect(keyring.verify(`${changed}.${mac}`)).toEqual({ isValid: false, why: 'forged' });
    expect(keyring.verify(`${payload}.${'A'.repeat(43)}`)).toEqual({ isValid: false, why: 'forged' });
    expect(otherKeyring.verify(`${payload}.${mac}`)).toEqual({ isValid: false, why: 'forged' });
  });

  test.each(['', '.', 'a.b', 'approve', 'a.b.c', `a.${'!'.repeat(43)}`])('%j is malformed', (token) => {
    expect(keyring.verify(token)).toEqual({ isValid: false, why: 'malformed' });
  });
});

describe('the master key', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'countersign-key-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.each([
    ['too short', Buffer.alloc(31).toString('base64')],
    ['too long', Buffer.alloc(33).toString('base64')],
    ['no base64', 'correct horse battery staple'],
    ['empty', ''],
  ])('one that is %s is refused with the cure', (_, value) => {
    expect(() => masterKeyFromBase64(value)).toThrow('openssl rand -base64 32');
  });

  test('a keyring is not made of a key of the wrong length', () => {
    expect(codeOf(() => createKeyring(Buffer.alloc(16)))).toBe('master_key_invalid');
  });

  test('a missing file is an error that names it, and is made only when asked for', async () => {
    const path = join(folder, 'missing');
    await expect(masterKeyFromFile(path)).rejects.toThrow(path);
    await expect(stat(path)).rejects.toThrow('ENOENT');
  });

  test('a file that holds something else is refused and left as it is', async () => {
    const path = join(folder, 'wrong');
    await writeFile(path, 'not a key');
    await expect(masterKeyFromFile(path, { create: true })).rejects.toThrow(`${path} does not hold a master key`);
    expect(await readFile(path, 'utf8')).toBe('not a key');
  });

  test('twenty that make the file at once get one key, readable by its owner only', async () => {
    const path = join(folder, 'made', 'master.key');
    const keys = await Promise.all(Array.from({ length: 20 }, () => masterKeyFromFile(path, { create: true })));
    expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(1);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await masterKeyFromFile(path)).toEqual(keys[0]);
  });
});
