import { ROLES } from '../contracts/words/roles';
import { SCOPES, type Scope } from '../contracts/words/vocabulary';
import { authenticateApiKey, createApiKey } from '../store/apiKeys';
import { ensureOwnMember } from '../store/members';
import type { ApiDependencies } from './dependencies';
import { nowOf } from './dependencies';

type Needs = Pick<ApiDependencies, 'store' | 'clock' | 'keyring'>;

export interface LocalKeyRequest {
  readonly tenant: string;
  /** A key that was kept from an earlier start; used again while it is good. */
  readonly known?: string | undefined;
}

const CALLER_SCOPES: readonly Scope[] = ['tasks:write', 'tasks:read'];

/** The member with all roles who stands for whoever runs the installation: made once, and the same from then on. */
export function ensureLocalAdministrator(needs: Needs, tenant: string): Promise<string> {
  const request = { name: 'local administrator', roles: ROLES, at: nowOf(needs) };
  return needs.store.inTenant(tenant, (tx) => ensureOwnMember(tx, needs.keyring, request));
}

/** Gives an API key of the local administrator, with all scopes: the known one, or a new one. */
export async function ensureAdminKey(needs: Needs, { tenant, known }: LocalKeyRequest): Promise<string> {
  const memberId = await ensureLocalAdministrator(needs, tenant);
  return ensureKey(needs, { tenant, known, name: 'made by npm start', scopes: SCOPES, memberId });
}

/** Gives an API key for posting tasks, as a backend service has one: whoever posts a task can't decide on it. */
export function ensureCallerKey(needs: Needs, { tenant, known }: LocalKeyRequest): Promise<string> {
  return ensureKey(needs, { tenant, known, name: 'example caller', scopes: CALLER_SCOPES, memberId: null });
}

interface WantedKey extends LocalKeyRequest {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly memberId: string | null;
}

async function ensureKey(needs: Needs, { tenant, known, name, scopes, memberId }: WantedKey): Promise<string> {
  const { store } = needs;
  const at = nowOf(needs);
  if (known !== undefined) {
    const row = await store.asSystem((tx) => authenticateApiKey(tx, { presented: known, at }));
    const isGood = row?.tenant === tenant && row.memberId === memberId;
    if (isGood && scopes.every((scope) => row.scopes.includes(scope))) return known;
  }
  const request = { name, scopes, at, expiresAt: null, ...(memberId !== null && { memberId }) };
  const { secret } = await store.inTenant(tenant, (tx) => createApiKey(tx, request));
  return secret;
}
