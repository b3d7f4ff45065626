import { scopesOfRoles } from '../contracts/words/roles';
import { memberBySlackId, readMember } from '../store/members';
import type { AddressedMember } from '../store/members';
import type { Caller } from './caller';
import type { ApiDependencies } from './dependencies';

/** A member who acts by something else than a key or a session: what their roles give at this time. Null: there is none, or no longer. */
export async function callerOfMember(
  { store, keyring }: ApiDependencies,
  { tenant, memberId }: { readonly tenant: string; readonly memberId: string },
): Promise<Caller | null> {
  return callerOf(tenant, await store.inTenant(tenant, (tx) => readMember(tx, keyring, memberId)));
}

export async function callerInSlack(
  { store, keyring }: ApiDependencies,
  { tenant, slackUserId }: { readonly tenant: string; readonly slackUserId: string },
): Promise<Caller | null> {
  return callerOf(tenant, await store.inTenant(tenant, (tx) => memberBySlackId(tx, keyring, slackUserId)));
}

function callerOf(tenant: string, member: AddressedMember | null): Caller | null {
  if (member === null || member.deactivatedAt !== null) return null;
  return { tenant, actor: { id: member.id, scopes: scopesOfRoles(member.roles) }, via: 'notification' };
}
