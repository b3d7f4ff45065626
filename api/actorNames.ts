import type { RefusalDetails } from '../contracts/words/review';
import { keyNames } from '../store/apiKeys';
import { memberNames } from '../store/members';
import type { TenantTx } from '../store/store';
import type { ApiDependencies } from './dependencies';

/** Names of actors that are neither members nor API keys; `local-admin` is who used the sign-in link before there were members. */
const OTHERS: Readonly<Record<string, string>> = { policy: 'policy', 'local-admin': 'local administrator' };

/** What people call an actor: the name of the member or the key. An id that is not known stands for itself. */
export type ActorNames = (id: string) => string;

export async function readActorNames(tx: TenantTx, ids: readonly (string | null | undefined)[]): Promise<ActorNames> {
  const wanted = [...new Set(ids.filter((id): id is string => typeof id === 'string' && !(id in OTHERS)))];
  const members = wanted.filter((id) => id.startsWith('mem_'));
  const keys = wanted.filter((id) => !id.startsWith('mem_'));
  const names = {
    ...(keys.length > 0 && (await keyNames(tx, keys))),
    ...(members.length > 0 && (await memberNames(tx, members))),
  };
  return (id) => OTHERS[id] ?? names[id] ?? id;
}

/** What a refusal tells, with names beside the ids of those who came first. */
export async function withNames<T extends RefusalDetails>(
  { store }: ApiDependencies,
  tenant: string,
  details: T,
): Promise<T & { readonly decidedByName?: string; readonly claimedByName?: string }> {
  const { decidedBy, claimedBy } = details;
  if (decidedBy === undefined && claimedBy === undefined) return details;
  const nameOf = await store.inTenant(tenant, (tx) => readActorNames(tx, [decidedBy, claimedBy]));
  return {
    ...details,
    ...(decidedBy !== undefined && { decidedByName: nameOf(decidedBy) }),
    ...(claimedBy !== undefined && { claimedByName: nameOf(claimedBy) }),
  };
}
