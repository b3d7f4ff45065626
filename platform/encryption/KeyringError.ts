export type KeyringErrorCode = 'master_key_invalid' | 'master_key_missing' | 'master_key_other' | 'not_authentic';

/** A key is missing or wrong, or what was to be decrypted isn't what was encrypted. */
export class KeyringError extends Error {
  override readonly name = 'KeyringError';
  constructor(
    readonly code: KeyringErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
