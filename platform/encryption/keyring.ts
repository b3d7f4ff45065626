/** A subject's data key, encrypted by the key-wrapping key. `masterKeyId` names the master key that can open it. */
export interface WrappedKey {
  readonly masterKeyId: string;
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** An encrypted text: AES-256-GCM, a 12-byte nonce, the 16-byte tag at the end of the ciphertext. */
export interface SealedText {
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** Where a text belongs, and the key it is under. Authenticated: a text that was moved to another place can't be opened. */
export interface TextPlace {
  readonly tenant: string;
  readonly taskId: string;
  readonly name: string;
  readonly subjectKeyId: string;
  readonly wrappedKey: WrappedKey;
}

export type VerifiedPayload =
  { readonly isValid: true; readonly payload: string } | { readonly isValid: false; readonly why: 'malformed' | 'forged' };

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
  wrapSecret(secret: Uint8Array, place: { readonly tenant: string; readonly name: string }): WrappedKey;
  unwrapSecret(wrapped: WrappedKey, place: { readonly tenant: string; readonly name: string }): Uint8Array;
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

/** Derives a keyring from 32 bytes. */
export declare function createKeyring(masterKey: Uint8Array): Keyring;

/** The 32 bytes in base64 that configuration gives. Throws a KeyringError where it is anything else. */
export declare function masterKeyFromBase64(value: string): Uint8Array;

/**
 * Reads the master key (32 bytes in base64) from a file. With `create`, makes the file with a new key, mode 0600, where there is
 * none; of several processes that do so at once, all get the same key.
 */
export declare function masterKeyFromFile(path: string, options?: { readonly create?: boolean }): Promise<Uint8Array>;
