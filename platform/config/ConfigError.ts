/** One thing that is wrong with the configuration, with what a person needs to put it right. */
export interface ConfigProblem {
  /** The option's name, `temporal.address`. */
  readonly option: string;
  /** Where the value came from, in the words of the printed table. */
  readonly origin: string;
  /** The rule that is broken. */
  readonly rule: string;
  readonly cure: string;
}

/** The configuration can't be used. Names every problem at once. The value is not shown, since it may be a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly ConfigProblem[]) {
    super(['The configuration can not be used, so nothing was started.', ...problems.map(sentence)].join('\n'));
  }
}

function sentence({ option, origin, rule, cure }: ConfigProblem): string {
  return `  ${option} (from ${origin}): ${rule}. ${cure}`;
}
