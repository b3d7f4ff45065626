import { openInstallation, projectRoot } from '../assemble';
import { openDoors, startApiPart, startWorkerPart } from './parts';
import { untilStopped } from './untilStopped';

/** API and worker in one process, for a developer: the embedded store has one owner. */
export async function run(): Promise<void> {
  const installation = await openInstallation({ process: 'start', root: projectRoot, env: process.env });
  const worker = await startWorkerPart(installation);
  const api = await startApiPart(installation);
  await untilStopped(installation, [api, worker], await openDoors(installation, api.url));
}
