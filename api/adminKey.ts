import { SCOPES } from '../contracts/words/vocabulary';
import { authenticateApiKey, createApiKey } from '../store/apiKeys';
import type { ApiDependencies } from './dependencies';
import { nowOf } from './dependencies';

export interface AdminKeyRequest {
  readonly tenant: string;
  /** A key that was kept from an earlier start; used again while it is good. */
  readonly known?: string | undefined;
}

/** Gives an API key with all scopes for a developer's installation: the known one, or a new one. */
export async function ensureAdminKey(
  { store, clock }: Pick<ApiDependencies, 'store' | 'clock'>,
  { tenant, known }: AdminKeyRequest,
): Promise<string> {
  const at = nowOf({ clock });
  if (known !== undefined) {
    const row = await store.asSystem((tx) => authenticateApiKey(tx, { presented: known, at }));
    if (row?.tenant === tenant && row.scopes.includes('admin')) return known;
  }
  const request = { name: 'made by npm start', scopes: SCOPES, at, expiresAt: null };
  const { secret } = await store.inTenant(tenant, (tx) => createApiKey(tx, request));
  return secret;
}
