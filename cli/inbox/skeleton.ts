/** As much of JSON Schema as a blank form needs. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly const?: unknown;
  readonly default?: unknown;
}

/** A blank to write an output into, when there is no draft to start from: every field of the schema, with nothing in it. */
export function skeletonOf(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return null;
  // Fields that are not as JSON Schema says are taken as absent below.
  const known = schema as Schema;
  if (known.const !== undefined) return known.const;
  if (known.default !== undefined) return known.default;
  const type = typeof known.type === 'string' ? known.type : known.type?.[0];
  if (type === 'object') {
    return Object.fromEntries(Object.entries(known.properties ?? {}).map(([name, each]) => [name, skeletonOf(each)]));
  }
  return type === undefined ? null : (BLANKS[type] ?? null);
}

const BLANKS: Readonly<Record<string, unknown>> = { string: '', array: [], number: 0, integer: 0, boolean: false };
