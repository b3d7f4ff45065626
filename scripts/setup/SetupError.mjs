/** Something the commands need can't be had. The message says what, and what to do; no stack is shown. */
export class SetupError extends Error {
  /** @override */
  name = 'SetupError';

  /**
   * @param {string} what what happened and what it means
   * @param {readonly string[]} [cures] ways out, any one of which is enough
   */
  constructor(what, cures = []) {
    super([what, ...cures.map((cure) => `  - ${cure}`)].join('\n'));
  }
}

/**
 * Runs a command's main function: a SetupError is printed as it is, anything else with its stack.
 * @param {() => Promise<number>} main gives the exit code
 */
export async function runCommand(main) {
  // A reader that goes away (`npm run demo | head`) must not end the command with an exception.
  process.stdout.on('error', () => {});
  try {
    process.exit(await main());
  } catch (error) {
    console.error(error instanceof SetupError ? `\n${error.message}` : error);
    process.exit(1);
  }
}
