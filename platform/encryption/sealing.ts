import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { KeyringError } from './KeyringError';

/** What AES-256-GCM made: a 12-byte nonce, and the ciphertext with its 16-byte tag at the end. */
export interface Sealed {
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
}

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts under a 32-byte key. `binding` says what it is for and must be given again to open it. Nonces are random (NIST SP
 * 800-38D, 8.2.2): one key is good for 2^32 texts.
 */
export function seal(plain: Uint8Array, key: Uint8Array, binding: string): Sealed {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(binding));
  return { nonce, ciphertext: Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]) };
}

/** Throws a KeyringError `not_authentic` where key, binding or bytes are not those of `seal`. */
export function unseal(sealed: Sealed, key: Uint8Array, binding: string): Buffer {
  try {
    const end = sealed.ciphertext.length - TAG_BYTES;
    const decipher = createDecipheriv(CIPHER, key, sealed.nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(binding));
    decipher.setAuthTag(sealed.ciphertext.subarray(end));
    return Buffer.concat([decipher.update(sealed.ciphertext.subarray(0, end)), decipher.final()]);
  } catch (cause) {
    throw new KeyringError('not_authentic', 'the bytes are not what was encrypted for this place under this key', {
      cause,
    });
  }
}
