import { openDoors } from './doors';
import { startApiPart } from './parts';
import { runProcess } from './runProcess';

/**
 * The API alone. Many can run; they share the store and Temporal. The ways in for a developer are told only where
 * COUNTERSIGN_LOCAL is 1, as `npm start` sets it: elsewhere this output is a log.
 */
export function run(): Promise<void> {
  return runProcess({
    process: 'api',
    start: async (installation, keep) => {
      const api = await startApiPart(installation);
      keep(api);
      return process.env.COUNTERSIGN_LOCAL === '1' ? openDoors(installation, api.url) : { baseUrl: api.url };
    },
  });
}
