import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureAdminKey } from '../../api/adminKey';
import { createSignInLink } from '../../api/signIn';
import { DEFAULT_TENANT, type Installation } from '../assemble';

/** What a process tells the program that started it. */
export interface Doors {
  readonly baseUrl: string;
  readonly adminApiKey: string;
  readonly signInUrl: string;
}

/** The ways in for the developer on this machine: a key that is kept in the home folder, and a link that works once. */
export async function openDoors(installation: Installation, baseUrl: string): Promise<Doors> {
  const { store, clock } = installation;
  const adminApiKey = await localAdminKey(installation);
  const signInUrl = await createSignInLink(
    { store, clock },
    { tenant: DEFAULT_TENANT, actorId: 'local-admin', baseUrl },
  );
  return { baseUrl, adminApiKey, signInUrl };
}

/** The key in the home folder's `admin.key`, made there if it is missing or no longer good. */
export async function localAdminKey({ config, store, clock }: Installation): Promise<string> {
  const keyFile = join(config.home, 'admin.key');
  const known = (await readFile(keyFile, 'utf8').catch(() => undefined))?.trim();
  const adminApiKey = await ensureAdminKey({ store, clock }, { tenant: DEFAULT_TENANT, known });
  if (adminApiKey !== known) await writeFile(keyFile, `${adminApiKey}\n`, { mode: 0o600 });
  return adminApiKey;
}
