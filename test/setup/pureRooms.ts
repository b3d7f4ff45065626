/** The rooms whose tests need neither Temporal nor a store; `npm run check` runs them. */
export const PURE_ROOMS = ['test/contracts', 'test/guards', 'test/autonomy', 'test/platform/config', 'test/scripts', 'test/architecture', 'test/sabotage', 'test/types'];
