/**
 * The suites that need neither Temporal nor a store. `npm run check` runs them, and a run of these alone starts no
 * server. A folder that is not there yet is left out by Jest.
 */
export const PURE_SUITES = [
  'test/contracts',
  'test/guards',
  'test/autonomy',
  'test/tasks',
  'test/platform/config',
  'test/scripts/setup',
  'test/types',
];
