import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureAdminKey, ensureCallerKey, ensureLocalAdministrator, type LocalKeyRequest } from '../../api/localDoors';
import { createSignInLink } from '../../api/signIn';
import { DEFAULT_TENANT, type Installation } from '../assemble';

/** What a process tells the program that started it. */
export interface Doors {
  readonly baseUrl: string;
  /** Of the local administrator, for deciding. */
  readonly adminApiKey: string;
  /** Of a service, for posting tasks: whoever posts a task can't decide on it. */
  readonly callerApiKey: string;
  readonly signInUrl: string;
}

/** The ways in for the developer on this machine: keys that are kept in the home folder, and a link that works once. */
export async function openDoors(installation: Installation, baseUrl: string): Promise<Doors> {
  const adminApiKey = await localAdminKey(installation);
  const callerApiKey = await keptKey(installation, 'caller.key', ensureCallerKey);
  const memberId = await ensureLocalAdministrator(installation, DEFAULT_TENANT);
  const { path } = await createSignInLink(installation, { tenant: DEFAULT_TENANT, memberId });
  return { baseUrl, adminApiKey, callerApiKey, signInUrl: baseUrl + path };
}

/** The key in the home folder's `admin.key`, made there if it is missing or no longer good. */
export function localAdminKey(installation: Installation): Promise<string> {
  return keptKey(installation, 'admin.key', ensureAdminKey);
}

async function keptKey(
  installation: Installation,
  file: string,
  ensure: (needs: Installation, request: LocalKeyRequest) => Promise<string>,
): Promise<string> {
  const keyFile = join(installation.config.home, file);
  const known = (await readFile(keyFile, 'utf8').catch(() => undefined))?.trim();
  const key = await ensure(installation, { tenant: DEFAULT_TENANT, known });
  if (key !== known) await writeFile(keyFile, `${key}\n`, { mode: 0o600 });
  return key;
}
