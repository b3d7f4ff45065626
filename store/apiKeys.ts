import type { Scope } from '../contracts/words/vocabulary';
import type { Page, PageRequest } from './page';
import type { SystemTx, TenantTx } from './store';

export interface ApiKeyRow {
  /** `key_…` */
  readonly id: string;
  readonly tenant: string;
  /** A label chosen by whoever made it. */
  readonly name: string;
  readonly prefix: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  readonly lastUsedAt: string | null;
}

/** Makes a key. `secret` (`cs_…`) is what the caller presents; it can't be had again. */
export declare function createApiKey(
  tx: TenantTx,
  request: { readonly name: string; readonly scopes: readonly Scope[]; readonly at: string; readonly expiresAt: string | null },
): Promise<{ readonly key: ApiKeyRow; readonly secret: string }>;

/** The key that was presented, if it is known, neither expired nor revoked; notes its use, at most once a minute. */
export declare function authenticateApiKey(
  tx: SystemTx,
  request: { readonly presented: string; readonly at: string },
): Promise<ApiKeyRow | null>;

export declare function listApiKeys(tx: TenantTx, request: PageRequest): Promise<Page<ApiKeyRow>>;

/** False where the tenant has no such key. Revoking twice keeps the first time. */
export declare function revokeApiKey(tx: TenantTx, request: { readonly id: string; readonly at: string }): Promise<boolean>;
