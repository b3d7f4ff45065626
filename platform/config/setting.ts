import { z } from 'zod';

/** What the loader and the printed table need to know about one option, besides its rule. */
export interface SettingFacts {
  /** The environment variable that sets it. An empty variable counts as not set. */
  readonly env: string;
  /** Meaning, unit, format, default and limit, in one sentence or two. */
  readonly doc: string;
  /** What to do when the value breaks the rule. */
  readonly cure: string;
  /** A secret comes from the environment or from the file that `<env>_FILE` names, and is masked when printed. */
  readonly secret?: true;
  /** A path is resolved against the project's root. */
  readonly path?: true;
}

const facts = z.registry<SettingFacts>();

/** Marks a rule as an option of the configuration. */
export function setting<S extends z.ZodType>(rule: S, about: SettingFacts): S {
  facts.add(rule, about);
  return rule;
}

export interface Setting extends SettingFacts {
  /** The option's name, its place in `temporal.config.yaml`: `temporal.address`. */
  readonly name: string;
  /** A list is written as JSON in the environment. */
  readonly kind: 'text' | 'number' | 'boolean' | 'list';
}

/** All options below a schema of nested objects, in the order in which they are written. */
export function settingsOf(schema: z.ZodType, prefix = ''): Setting[] {
  const about = facts.get(schema);
  if (about !== undefined) return [{ ...about, name: prefix, kind: kindOf(schema) }];
  const inner = unwrap(schema);
  if (!(inner instanceof z.ZodObject)) throw new Error(`The option ${prefix} is not declared with setting().`);
  return Object.entries(inner.shape).flatMap(([key, child]) =>
    settingsOf(child as z.ZodType, prefix === '' ? key : `${prefix}.${key}`),
  );
}

function kindOf(schema: z.ZodType): Setting['kind'] {
  const type = unwrap(schema).def.type;
  if (type === 'array') return 'list';
  return type === 'number' || type === 'boolean' ? type : 'text';
}

/** The rule under `optional()`, `default()` and `prefault()`. */
function unwrap(schema: z.ZodType): z.ZodType {
  return 'innerType' in schema.def ? unwrap(schema.def.innerType as z.ZodType) : schema;
}
