import { openInstallation, projectRoot } from '../assemble';
import { startWorkerPart } from './parts';
import { untilStopped } from './untilStopped';

/** The worker alone. Many can run; Temporal shares the work out among them. */
export async function run(): Promise<void> {
  const installation = await openInstallation({ process: 'worker', root: projectRoot, env: process.env });
  const worker = await startWorkerPart(installation);
  await untilStopped(installation, [worker], {});
}
