import { scopesOfRoles } from '../contracts/words/roles';
import type { Scope } from '../contracts/words/vocabulary';
import type { SystemTx } from './store';

export interface Standing {
  readonly actorId: string;
  readonly scopes: readonly Scope[];
}

/**
 * Who acts by a key or a session, and what they may do now: a member as their roles say at this time, nobody else than before
 * where there is no member. Null where the member was deactivated.
 */
export async function standingOf(
  tx: SystemTx,
  credential: Standing & { readonly tenant: string; readonly memberId: string | null },
): Promise<Standing | null> {
  const { tenant, memberId, actorId, scopes } = credential;
  if (memberId === null) return { actorId, scopes };
  const member = await tx.db
    .selectFrom('members')
    .select('roles')
    .where('tenant', '=', tenant)
    .where('id', '=', memberId)
    .where('deactivatedAt', 'is', null)
    .executeTakeFirst();
  if (member === undefined) return null;
  const given = scopesOfRoles(member.roles);
  return { actorId: memberId, scopes: scopes.filter((scope) => given.includes(scope)) };
}

/**
 * What is left, at this time, of what an actor could do earlier: nothing where they are a member who was deactivated, or where the
 * key that they acted by is revoked or has expired.
 */
export async function scopesLeftOf(
  tx: SystemTx,
  earlier: Standing & { readonly tenant: string; readonly keyId?: string; readonly at: string },
): Promise<readonly Scope[]> {
  const { tenant, actorId, scopes, keyId, at } = earlier;
  const key = await tx.db
    .selectFrom('apiKeys')
    .select('memberId')
    .where('tenant', '=', tenant)
    // A service is its own key.
    .where('id', '=', keyId ?? actorId)
    .where('revokedAt', 'is', null)
    .where((its) => its.or([its('expiresAt', 'is', null), its('expiresAt', '>', at)]))
    .executeTakeFirst();
  if (key === undefined && keyId !== undefined) return [];
  const standing = await standingOf(tx, {
    tenant,
    actorId,
    scopes,
    memberId: key === undefined ? actorId : key.memberId,
  });
  return standing?.scopes ?? [];
}
