import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { KeyringError } from './KeyringError';
import { MASTER_KEY_BYTES } from './masterKey';
import { type Sealed, seal, unseal } from './sealing';

/** A subject's data key, encrypted by the key-wrapping key. `masterKeyId` names the master key that can open it. */
export interface WrappedKey extends Sealed {
  readonly masterKeyId: string;
}

/** An encrypted text: AES-256-GCM, a 12-byte nonce, the 16-byte tag at the end of the ciphertext. */
export type SealedText = Sealed;

/** Where a text belongs, and the key it is under. Authenticated: a text that was moved to another place can't be opened. */
export interface TextPlace {
  readonly tenant: string;
  readonly taskId: string;
  readonly name: string;
  readonly subjectKeyId: string;
  readonly wrappedKey: WrappedKey;
}

export interface SecretPlace {
  readonly tenant: string;
  readonly name: string;
}

export type VerifiedPayload =
  | { readonly isValid: true; readonly payload: string }
  | { readonly isValid: false; readonly why: 'malformed' | 'forged' };

/** Everything that needs the master key. The keys of the different uses are derived from it and independent. */
export interface Keyring {
  /** `mk_` and 16 hex digits; identifies the master key without telling anything about it. */
  readonly masterKeyId: string;
  /** Makes a data key for a subject, wrapped for the store. */
  newSubjectKey(tenant: string, subjectKeyId: string): WrappedKey;
  encrypt(text: string, place: TextPlace): SealedText;
  /** Throws a KeyringError where the text was changed or moved, or another master key wrapped its key. */
  decrypt(sealed: SealedText, place: TextPlace): string;
  /** Wraps a secret of the tenant that is not a person's text, such as what signs its webhooks. */
  wrapSecret(secret: Uint8Array, place: SecretPlace): WrappedKey;
  unwrapSecret(wrapped: WrappedKey, place: SecretPlace): Uint8Array;
  /** Keyed hash for equality look-ups of what is stored only encrypted: 43 characters of base64url. */
  blindIndex(tenant: string, field: string, value: string): string;
  /** The audit lottery's draw for a task: uniform in [0, 1), the same at each call, not to be guessed without the key. */
  lottery(tenant: string, taskId: string): number;
  /** `tsk_` and 26 characters of lower-case base32: the same task for the same Idempotency-Key of the same tenant. */
  taskId(tenant: string, idempotencyKey: string): string;
  /** A token that carries the payload in the clear and can't be made without the key: `<payload>.<HMAC>`, base64url. */
  sign(payload: string): string;
  verify(token: string): VerifiedPayload;
}

const TASK_ID_CHARACTERS = 26;
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const TOKEN = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/;

/**
 * Derives the keys of each use from the 32 bytes of the master key by HKDF-SHA-256 (RFC 5869). Unwrapped data keys are not kept:
 * opening one takes microseconds, and a subject's key that was destroyed is out of reach at once.
 */
export function createKeyring(masterKey: Uint8Array): Keyring {
  if (masterKey.length !== MASTER_KEY_BYTES) {
    const message = `the master key must be ${MASTER_KEY_BYTES} bytes; it has ${masterKey.length}`;
    throw new KeyringError('master_key_invalid', message);
  }
  const use = (name: string): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', masterKey, 'countersign', name, MASTER_KEY_BYTES));
  const wrapping = createWrapping(use('key-wrapping'), `mk_${Buffer.from(use('key-id')).toString('hex').slice(0, 16)}`);
  const indexKey = use('blind-index');
  const lotteryKey = use('lottery');
  const taskIdKey = use('task-id');
  return {
    masterKeyId: wrapping.masterKeyId,
    ...createTextCipher(wrapping),
    wrapSecret: (secret, place) => wrapping.wrap(secret, secretBinding(place)),
    unwrapSecret: (wrapped, place) => wrapping.unwrap(wrapped, secretBinding(place)),
    blindIndex: (tenant, field, value) => keyedHash(indexKey, [tenant, field, value]).toString('base64url'),
    lottery: (tenant, taskId) => unitInterval(keyedHash(lotteryKey, [tenant, taskId])),
    taskId: (tenant, idempotencyKey) => `tsk_${base32(keyedHash(taskIdKey, [tenant, idempotencyKey]))}`,
    ...createTokens(use('decision-token')),
  };
}

interface Wrapping {
  readonly masterKeyId: string;
  wrap(secret: Uint8Array, binding: string): WrappedKey;
  unwrap(wrapped: WrappedKey, binding: string): Uint8Array;
}

function createWrapping(key: Uint8Array, masterKeyId: string): Wrapping {
  return {
    masterKeyId,
    wrap: (secret, binding) => ({ masterKeyId, ...seal(secret, key, binding) }),
    unwrap(wrapped, binding) {
      if (wrapped.masterKeyId === masterKeyId) return unseal(wrapped, key, binding);
      throw new KeyringError(
        'master_key_other',
        `a key is wrapped by the master key ${wrapped.masterKeyId}, and this process has ${masterKeyId}. What is stored can only be ` +
          'read with the master key that the installation was made with: set COUNTERSIGN_MASTER_KEY or its file to that one.',
      );
    },
  };
}

function createTextCipher(wrapping: Wrapping): Pick<Keyring, 'newSubjectKey' | 'encrypt' | 'decrypt'> {
  const keyOf = (place: TextPlace): Uint8Array =>
    wrapping.unwrap(place.wrappedKey, subjectBinding(place.tenant, place.subjectKeyId));
  return {
    newSubjectKey: (tenant, subjectKeyId) =>
      wrapping.wrap(randomBytes(MASTER_KEY_BYTES), subjectBinding(tenant, subjectKeyId)),
    encrypt: (text, place) => seal(Buffer.from(text, 'utf8'), keyOf(place), textBinding(place)),
    decrypt: (sealed, place) => unseal(sealed, keyOf(place), textBinding(place)).toString('utf8'),
  };
}

function createTokens(key: Uint8Array): Pick<Keyring, 'sign' | 'verify'> {
  const mac = (payload: string): Buffer => createHmac('sha256', key).update(payload).digest();
  return {
    sign(payload) {
      const encoded = Buffer.from(payload, 'utf8').toString('base64url');
      return `${encoded}.${mac(encoded).toString('base64url')}`;
    },
    verify(token) {
      const [, encoded, given] = TOKEN.exec(token) ?? [];
      if (encoded === undefined || given === undefined) return { isValid: false, why: 'malformed' };
      if (!timingSafeEqual(Buffer.from(given, 'base64url'), mac(encoded))) return { isValid: false, why: 'forged' };
      return { isValid: true, payload: Buffer.from(encoded, 'base64url').toString('utf8') };
    },
  };
}

/** JSON arrays keep the parts apart: no two different lists have the same text. */
function subjectBinding(tenant: string, subjectKeyId: string): string {
  return JSON.stringify(['subject-key', tenant, subjectKeyId]);
}

function secretBinding(place: SecretPlace): string {
  return JSON.stringify(['secret', place.tenant, place.name]);
}

function textBinding(place: TextPlace): string {
  return JSON.stringify(['text', place.tenant, place.taskId, place.name]);
}

function keyedHash(key: Uint8Array, parts: readonly string[]): Buffer {
  return createHmac('sha256', key).update(JSON.stringify(parts)).digest();
}

/** The first 53 bits, the most that a double holds, as a fraction. */
function unitInterval(hash: Buffer): number {
  return Number(hash.readBigUInt64BE() >> 11n) / 2 ** 53;
}

function base32(hash: Buffer): string {
  let bits = BigInt(`0x${hash.toString('hex')}`) >> BigInt(hash.length * 8 - TASK_ID_CHARACTERS * 5);
  let text = '';
  for (let i = 0; i < TASK_ID_CHARACTERS; i += 1) {
    text = BASE32.charAt(Number(bits & 31n)) + text;
    bits >>= 5n;
  }
  return text;
}
