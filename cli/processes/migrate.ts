import { openInstallation, projectRoot } from '../assemble';
import { closeTemporalClient } from '../../platform/temporal';
import { localAdminKey } from './doors';

/**
 * Brings the store to the newest migration, and makes the master key's file and the first admin key (in the home folder's
 * `admin.key`) where there are none.
 */
export async function run(): Promise<void> {
  const installation = await openInstallation({ process: 'migrate', root: projectRoot, env: process.env });
  const { log, store, client } = installation;
  await localAdminKey(installation);
  log.info({ store: store.kind }, 'the store is up to date');
  await closeTemporalClient(client);
  await store.close();
}
