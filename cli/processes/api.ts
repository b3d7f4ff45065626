import { openInstallation, projectRoot } from '../assemble';
import { openDoors, startApiPart } from './parts';
import { untilStopped } from './untilStopped';

/** The API alone. Many can run; they share the store and Temporal. */
export async function run(): Promise<void> {
  const installation = await openInstallation({ process: 'api', root: projectRoot, env: process.env });
  const api = await startApiPart(installation);
  await untilStopped(installation, [api], await openDoors(installation, api.url));
}
