import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { ConfigError } from './ConfigError';
import type { ConfigProblem } from './ConfigError';
import type { Setting } from './setting';

export const CONFIG_FILE = 'temporal.config.yaml';

/** A value that some source gives to an option. */
export interface Given {
  readonly option: string;
  readonly value: unknown;
  readonly origin: string;
}

/** What one source says: values for options, and what it says wrongly. */
export interface Source {
  readonly given: readonly Given[];
  readonly problems: readonly ConfigProblem[];
}

/** `temporal.config.yaml` in the project's root; a missing or empty file gives nothing. */
export function fromFile(root: string, settings: readonly Setting[]): Source {
  const text = readIfThere(join(root, CONFIG_FILE));
  if (text === undefined) return { given: [], problems: [] };
  const document = parseDocument(text, { prettyErrors: true });
  const [fault] = document.errors;
  if (fault !== undefined) throw new ConfigError([unreadable(fault.message.trim())]);
  return named(leavesOf(document.toJS()), { settings, origin: () => CONFIG_FILE });
}

/** Environment variables, and the files that `<NAME>_FILE` names for secrets. An empty variable counts as not set. */
export function fromEnvironment(env: NodeJS.ProcessEnv, settings: readonly Setting[]): Source {
  const sources = settings.map((setting) => fromVariable(env, setting));
  return { given: sources.flatMap((each) => each.given), problems: sources.flatMap((each) => each.problems) };
}

/** Values by option name, from a command line. A flag that is undefined counts as not given. */
export function fromFlags(flags: Readonly<Record<string, unknown>>, settings: readonly Setting[]): Source {
  const leaves = Object.entries(flags).filter(([, value]) => value !== undefined);
  return named(leaves, { settings, origin: (option) => `flag ${option}` });
}

function fromVariable(env: NodeJS.ProcessEnv, setting: Setting): Source {
  const value = env[setting.env];
  const file = setting.secret === true ? env[`${setting.env}_FILE`] : undefined;
  if (isSet(value) && isSet(file)) {
    const rule = `${setting.env} and ${setting.env}_FILE are both set`;
    return wrong({ option: setting.name, origin: 'environment', rule, cure: 'Unset one of them.' });
  }
  if (isSet(file)) return fromSecretFile(file, setting);
  if (!isSet(value)) return { given: [], problems: [] };
  const given = { option: setting.name, value: typed(value, setting), origin: `environment ${setting.env}` };
  return { given: [given], problems: [] };
}

function fromSecretFile(path: string, setting: Setting): Source {
  const origin = `file ${path} (${setting.env}_FILE)`;
  const text = readIfThere(path);
  if (text === undefined) {
    const cure = `Create it, or point ${setting.env}_FILE elsewhere.`;
    return wrong({ option: setting.name, origin, rule: 'the file does not exist or can not be read', cure });
  }
  return { given: [{ option: setting.name, value: text.trim(), origin }], problems: [] };
}

interface Naming {
  readonly settings: readonly Setting[];
  readonly origin: (option: string) => string;
}

function named(leaves: ReadonlyArray<readonly [string, unknown]>, naming: Naming): Source {
  const known = new Map(naming.settings.map((setting) => [setting.name, setting]));
  const given: Given[] = [];
  const problems: ConfigProblem[] = [];
  for (const [option, value] of leaves) {
    const setting = known.get(option);
    const origin = naming.origin(option);
    if (setting === undefined) problems.push(unknownOption(option, origin, naming.settings));
    else if (setting.secret === true) problems.push(misplacedSecret(setting, origin));
    else given.push({ option, value, origin });
  }
  return { given, problems };
}

function unknownOption(option: string, origin: string, settings: readonly Setting[]): ConfigProblem {
  const section = option.includes('.') ? option.slice(0, option.lastIndexOf('.') + 1) : '';
  const near = settings.filter((setting) => setting.name.startsWith(section)).map((setting) => setting.name);
  const choices = (near.length > 0 ? near : settings.map((setting) => setting.name)).join(', ');
  return { option, origin, rule: 'there is no such option', cure: `Remove it, or use one of: ${choices}.` };
}

function misplacedSecret(setting: Setting, origin: string): ConfigProblem {
  const rule = 'a secret comes from the environment or a file of its own only';
  const cure = `Remove it there, and set ${setting.env} or ${setting.env}_FILE.`;
  return { option: setting.name, origin, rule, cure };
}

/** The environment knows text only; a text that is no number, or no JSON where a list is due, stays as it is, so that the rule refuses it. */
function typed(text: string, { kind }: Setting): unknown {
  if (kind === 'number') return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  if (kind === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  return kind === 'list' ? parsed(text) : text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Paths and values of the ends of nested mappings; a key without a value counts as not given. */
function leavesOf(node: unknown, prefix = ''): Array<[string, unknown]> {
  if (node === null || node === undefined) return [];
  if (typeof node !== 'object' || Array.isArray(node)) return [[prefix === '' ? CONFIG_FILE : prefix, node]];
  return Object.entries(node).flatMap(([key, child]) => leavesOf(child, prefix === '' ? key : `${prefix}.${key}`));
}

function isSet(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function unreadable(rule: string): ConfigProblem {
  return { option: CONFIG_FILE, origin: CONFIG_FILE, rule: `it is not YAML: ${rule}`, cure: 'Correct that line.' };
}

function wrong(problem: ConfigProblem): Source {
  return { given: [], problems: [problem] };
}
