import { startWorkerPart } from '../../worker/workerPart';
import { runProcess } from './runProcess';

/** The worker alone. Many can run; Temporal shares the work out among them. */
export function run(): Promise<void> {
  return runProcess({
    process: 'worker',
    start: async (installation, keep) => {
      keep(await startWorkerPart(installation));
      return {};
    },
  });
}
