import { keyNames } from './apiKeys';
import { memberNames } from './members';
import type { TenantTx } from './store';

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
