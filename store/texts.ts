import type { Keyring } from '../platform/encryption/keyring';
import type { TenantTx } from './store';

/** Encrypts and keeps texts of an accepted task. A name that is there already keeps its text; its name is in `existed`. */
export declare function putTexts(
  tx: TenantTx,
  keyring: Keyring,
  put: { readonly taskId: string; readonly texts: Readonly<Record<string, string>>; readonly at: string },
): Promise<{ readonly existed: readonly string[] }>;

/** The texts under these names, decrypted; a name that isn't there is missing from the answer. */
export declare function getTexts(
  tx: TenantTx,
  keyring: Keyring,
  get: { readonly taskId: string; readonly names: readonly string[] },
): Promise<Readonly<Record<string, string>>>;
