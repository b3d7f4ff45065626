import type { RefusalDetails } from '../contracts/words/review';
import { keyNames } from '../store/apiKeys';
import type { TenantTx } from '../store/store';
import type { ApiDependencies } from './dependencies';

/** Names of actors that are no API keys. */
const WITHOUT_KEY: Readonly<Record<string, string>> = { policy: 'policy', 'local-admin': 'local administrator' };

/** What people call an actor: the name of its key. An id that is not known stands for itself. */
export type ActorNames = (id: string) => string;

export async function readActorNames(tx: TenantTx, ids: readonly (string | null | undefined)[]): Promise<ActorNames> {
  const wanted = [...new Set(ids.filter((id): id is string => typeof id === 'string' && !(id in WITHOUT_KEY)))];
  const names = wanted.length === 0 ? {} : await keyNames(tx, wanted);
  return (id) => WITHOUT_KEY[id] ?? names[id] ?? id;
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
