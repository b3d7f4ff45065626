import type { RefusalDetails } from '../contracts/words/review';
import { readActorNames } from '../store/actorNames';
import type { ApiDependencies } from './dependencies';

export { readActorNames };
export type { ActorNames } from '../store/actorNames';

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
