import type { SystemTx } from './store';

export interface Tenant {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
}

/** Makes the tenant where there is none of this id (lower-case letters, digits and hyphens, 1 to 40 characters). */
export declare function ensureTenant(tx: SystemTx, tenant: Tenant): Promise<void>;

/** All, by id. */
export declare function listTenants(tx: SystemTx): Promise<readonly Tenant[]>;
