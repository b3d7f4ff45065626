import { startWorkerPart } from '../../worker/workerPart';
import { openDoors } from './doors';
import { startApiPart } from './parts';
import { runProcess } from './runProcess';

/** API and worker in one process, for a developer: the embedded store has one owner. */
export function run(): Promise<void> {
  return runProcess({
    process: 'start',
    start: async (installation, keep) => {
      keep(await startWorkerPart(installation));
      const api = await startApiPart(installation);
      keep(api);
      return openDoors(installation, api.url);
    },
  });
}
