import type { Keyring, WrappedKey } from '../platform/encryption/keyring';
import type { TenantTx } from './store';

/** The key of whom a text is about. Destroying its row makes all texts under it unreadable, at once. */
export interface SubjectKey {
  readonly id: string;
  readonly wrappedKey: WrappedKey;
}

/** The subject's key, made where there is none. */
export async function ensureSubjectKey(
  tx: TenantTx,
  keyring: Keyring,
  request: { readonly id: string; readonly at: string },
): Promise<SubjectKey> {
  const made = await insertKey(tx, keyring, request);
  const wrappedKey = made ?? (await readKey(tx, request.id));
  return { id: request.id, wrappedKey };
}

function insertKey(
  tx: TenantTx,
  keyring: Keyring,
  { id, at }: { readonly id: string; readonly at: string },
): Promise<WrappedKey | undefined> {
  return tx.db
    .insertInto('subjectKeys')
    .values({ tenant: tx.tenant, id, createdAt: at, ...keyring.newSubjectKey(tx.tenant, id) })
    .onConflict((conflict) => conflict.columns(['tenant', 'id']).doNothing())
    .returning(['masterKeyId', 'nonce', 'ciphertext'])
    .executeTakeFirst();
}

function readKey(tx: TenantTx, id: string): Promise<WrappedKey> {
  return tx.db
    .selectFrom('subjectKeys')
    .select(['masterKeyId', 'nonce', 'ciphertext'])
    .where('tenant', '=', tx.tenant)
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
}
