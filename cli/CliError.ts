/** An end that is no defect: it is told in its message, without a stack, and gives the exit code. */
export class CliError extends Error {
  override readonly name = 'CliError';

  /** @param exitCode 1: what was asked for could not be done. 2: it was not asked for rightly. */
  constructor(
    message: string,
    readonly exitCode: 1 | 2 = 1,
  ) {
    super(message);
  }
}
