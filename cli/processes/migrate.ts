import { openInstallation, projectRoot } from '../assemble';

/** Brings the store to the newest migration, and makes the master key's file where there is neither file nor setting. */
export async function run(): Promise<void> {
  const installation = await openInstallation({ process: 'migrate', root: projectRoot, env: process.env });
  installation.log.info({ store: installation.store.kind }, 'the store is up to date');
  await installation.client.connection.close();
  await installation.store.close();
}
