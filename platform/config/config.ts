import { join, resolve } from 'node:path';
import type { z } from 'zod';
import { ConfigError } from './ConfigError';
import type { ConfigProblem } from './ConfigError';
import { configSchema, OPENAI_ADDRESS } from './schema';
import { settingsOf } from './setting';
import { fromEnvironment, fromFile, fromFlags } from './sources';
import type { Given } from './sources';

/** Everything that a process may be told, complete and validated: see `schema.ts` for each option. Paths are absolute. */
export type Config = ReturnType<typeof derive>;

export interface LoadedConfig {
  readonly config: Config;
  /** Where the value of each option came from: `default`, `temporal.config.yaml`, `environment PORT`, `flag http.port`. */
  readonly origins: Readonly<Record<string, string>>;
}

export interface ConfigSources {
  /** The folder of `temporal.config.yaml`; relative paths start here. */
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  /** Values by option name, `{ 'http.port': 0 }`. */
  readonly flags?: Readonly<Record<string, unknown>>;
}

/** All options, in the order in which they are documented and printed. */
export const settings = settingsOf(configSchema);

/**
 * The configuration of this process: defaults, then `temporal.config.yaml`, then the environment, then flags; the later
 * one wins. Throws a `ConfigError` that names every problem with its origin, the rule and the cure.
 */
export function loadConfig({ root, env, flags = {} }: ConfigSources): LoadedConfig {
  const sources = [fromFile(root, settings), fromEnvironment(env, settings), fromFlags(flags, settings)];
  const given = new Map(sources.flatMap((source) => source.given).map((each) => [each.option, each]));
  const checked = configSchema.safeParse(nested(given));
  const problems = sources.flatMap((source) => source.problems);
  if (!checked.success)
    throw new ConfigError([...problems, ...checked.error.issues.map((issue) => broken(issue, given))]);
  const disagreements = [...problems, ...disagreementsOf(checked.data, given)];
  if (disagreements.length > 0) throw new ConfigError(disagreements);
  return { config: derive(checked.data, root), origins: originsOf(given) };
}

/** Makes paths absolute and fills in the options whose default depends on another option. */
function derive(written: z.output<typeof configSchema>, root: string) {
  const home = resolve(root, written.home);
  const { openai } = written.models;
  const isOpenaiSet = openai.apiKey !== undefined || openai.baseUrl !== OPENAI_ADDRESS;
  return {
    ...written,
    home,
    store: { ...written.store, directory: resolve(root, written.store.directory ?? join(home, 'store')) },
    models: {
      weightsDir: resolve(root, written.models.weightsDir),
      cacheDir: resolve(root, written.models.cacheDir ?? join(home, 'models')),
      openai: { ...openai, enabled: openai.enabled ?? isOpenaiSet },
    },
  };
}

/** Rules that tie two options together. */
function disagreementsOf(written: z.output<typeof configSchema>, given: ReadonlyMap<string, Given>): ConfigProblem[] {
  const { temporal, models, notifications, http } = written;
  const { inputMicroUsdPerMillionTokens: input, outputMicroUsdPerMillionTokens: output } = models.openai;
  const problems: ConfigProblem[] = [];
  if (temporal.apiKey !== undefined && !temporal.tls) {
    const rule = 'it must be true when an API key is set, or the key would cross the network in clear';
    problems.push(problemOf('temporal.tls', rule, given));
  }
  const { smtpUrl, from, slackBotToken, slackSigningSecret } = notifications;
  const pair = (set: unknown, absent: unknown, { option, rule }: { option: string; rule: string }) => {
    if (set !== undefined && absent === undefined) problems.push(problemOf(option, rule, given));
  };
  pair(smtpUrl, from, { option: 'notifications.from', rule: 'it must be set when a mail server is' });
  pair(slackBotToken, slackSigningSecret, {
    option: 'notifications.slackSigningSecret',
    rule: 'it must be set when a bot token is, or nobody could decide in Slack',
  });
  pair(smtpUrl ?? slackBotToken, http.publicUrl, {
    option: 'http.publicUrl',
    rule: 'it must be set when members are told by e-mail or Slack, since the links there lead to it',
  });
  if ((input === undefined) !== (output === undefined)) {
    const absent = input === undefined ? 'input' : 'output';
    problems.push(problemOf(`models.openai.${absent}MicroUsdPerMillionTokens`, 'both prices are set, or none', given));
  }
  return problems;
}

function broken(issue: z.core.$ZodIssue, given: ReadonlyMap<string, Given>): ConfigProblem {
  return problemOf(issue.path.join('.'), issue.message.charAt(0).toLowerCase() + issue.message.slice(1), given);
}

function problemOf(option: string, rule: string, given: ReadonlyMap<string, Given>): ConfigProblem {
  const cure = settings.find((setting) => setting.name === option)?.cure ?? 'See the comments in temporal.config.yaml.';
  return { option, origin: given.get(option)?.origin ?? 'default', rule, cure };
}

function originsOf(given: ReadonlyMap<string, Given>): Record<string, string> {
  return Object.fromEntries(settings.map(({ name }) => [name, given.get(name)?.origin ?? 'default']));
}

function nested(given: ReadonlyMap<string, Given>): unknown {
  const tree: Record<string, unknown> = {};
  for (const { option, value } of given.values()) {
    const keys = option.split('.');
    const last = keys.pop() ?? option;
    let node = tree;
    for (const key of keys) node = (node[key] ??= {}) as Record<string, unknown>;
    node[last] = value;
  }
  return tree;
}
