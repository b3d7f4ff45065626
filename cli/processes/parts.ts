import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createActivities } from '../../activities/createActivities';
import { ensureAdminKey } from '../../api/adminKey';
import { startApi } from '../../api/server';
import { createSignInLink } from '../../api/signIn';
import { startSweeper } from '../../api/sweeper';
import { installRuntime } from '../../worker/runtime';
import {
  apiDependenciesOf,
  DEFAULT_TENANT,
  type Installation,
  startWorkersOf,
  stepDependenciesOf,
} from '../assemble';

/** What a process tells the one that started it. */
export interface Ready {
  readonly baseUrl: string;
  readonly adminApiKey: string;
  readonly signInUrl: string;
}

export interface RunningPart {
  /** Rejects when the part fails by itself. */
  readonly finished: Promise<void>;
  stop(): Promise<void>;
}

export async function startApiPart(installation: Installation): Promise<RunningPart & { readonly url: string }> {
  const dependencies = apiDependenciesOf(installation);
  const sweeper = startSweeper(dependencies);
  const api = await startApi(dependencies);
  const stop = async () => {
    await api.close();
    await sweeper.close();
  };
  return { url: api.url, finished: new Promise(() => {}), stop };
}

export async function startWorkerPart(installation: Installation): Promise<RunningPart> {
  installRuntime(installation.log);
  const steps = await stepDependenciesOf(installation);
  const workers = await startWorkersOf(installation, createActivities(steps.dependencies));
  return { finished: workers.finished, stop: () => workers.stop().finally(() => steps.close()) };
}

/** The ways in for the developer on this machine: a key that is kept in the home folder, and a link that works once. */
export async function openDoors(installation: Installation, baseUrl: string): Promise<Ready> {
  const { config, store, clock } = installation;
  const keyFile = join(config.home, 'admin.key');
  const known = (await readFile(keyFile, 'utf8').catch(() => undefined))?.trim();
  const adminApiKey = await ensureAdminKey({ store, clock }, { tenant: DEFAULT_TENANT, known });
  if (adminApiKey !== known) await writeFile(keyFile, `${adminApiKey}\n`, { mode: 0o600 });
  const signInUrl = await createSignInLink({ store, clock }, { tenant: DEFAULT_TENANT, actorId: 'local-admin', baseUrl });
  return { baseUrl, adminApiKey, signInUrl };
}
