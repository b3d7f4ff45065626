import type { JsonObject, JsonValue } from '../contracts/digest';

/** A schema that a provider would refuse in strict mode. The message names the place, the rule and the cure. */
export class StrictSchemaError extends Error {
  override readonly name = 'StrictSchemaError';
}

/** Keywords that structured outputs know; others are left out, since the caller validates the answer by its own rules anyway. */
const KEPT = new Set([
  ...['type', 'enum', 'const', 'description', 'title', '$ref'],
  ...['pattern', 'multipleOf', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'minItems', 'maxItems'],
]);
const KEPT_FORMATS = new Set([
  ...['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid'],
]);
/** Keywords that change which answers are right and have no counterpart: leaving them out would ask for something else. */
const REFUSED: Readonly<Record<string, string>> = {
  allOf: 'merge the parts into one object',
  not: 'state what is allowed instead',
  if: 'use a union of objects',
  prefixItems: 'use an object with named fields instead of a tuple',
  patternProperties: 'use a list of objects with a name field',
};

/**
 * The schema as strict structured outputs want it: every object closed and every property required. `oneOf` becomes `anyOf`,
 * and limits that strict mode does not know (such as `maxLength`) are left out. Throws a StrictSchemaError for an optional
 * property, a map, a tuple or an intersection.
 */
export function strictSchema(schema: JsonObject): JsonObject {
  if (schema['type'] !== 'object')
    throw new StrictSchemaError('the output schema must be an object at its root. Wrap it: { value: … }.');
  return strictNode(schema, '$');
}

function strictNode(node: JsonObject, path: string): JsonObject {
  refuseUnknownMeaning(node, path);
  const strict: Record<string, JsonValue> = {};
  for (const [key, value] of Object.entries(node)) {
    if (KEPT.has(key) || (key === 'format' && KEPT_FORMATS.has(String(value)))) strict[key] = value;
    else if (key === 'anyOf' || key === 'oneOf') strict['anyOf'] = strictList(value, `${path}.${key}`);
    else if (key === 'items') strict['items'] = strictNode(asNode(value, `${path}[]`), `${path}[]`);
    else if (key === '$defs' || key === 'definitions') strict[key] = strictMap(value, `${path}.${key}`);
  }
  // A format says the same as the pattern that zod writes beside it, and those patterns use look-aheads that providers refuse.
  if ('format' in strict) delete strict['pattern'];
  return node['type'] === 'object' ? { ...strict, ...strictObject(node, path) } : strict;
}

function strictObject(node: JsonObject, path: string): JsonObject {
  const properties = asNode(node['properties'] ?? {}, path);
  const required = new Set(Array.isArray(node['required']) ? node['required'] : []);
  for (const name of Object.keys(properties)) {
    if (required.has(name)) continue;
    throw new StrictSchemaError(
      `${path}.${name} is optional, which strict structured outputs do not allow. Use .nullable() instead of .optional().`,
    );
  }
  const extra = node['additionalProperties'];
  const isMap = isObject(extra) && Object.keys(extra).length > 0;
  // An object that only tolerates further keys can be closed; one that is nothing but free keys can't.
  if (isMap || (extra !== undefined && extra !== false && Object.keys(properties).length === 0)) {
    throw new StrictSchemaError(
      `${path} is a map with free keys, which strict structured outputs do not allow. Use a list of objects.`,
    );
  }
  return { properties: strictMap(properties, path), required: Object.keys(properties), additionalProperties: false };
}

function refuseUnknownMeaning(node: JsonObject, path: string): void {
  for (const [keyword, cure] of Object.entries(REFUSED)) {
    if (keyword in node)
      throw new StrictSchemaError(`${path} uses ${keyword}, which strict structured outputs do not allow: ${cure}.`);
  }
  if (!['type', 'enum', 'const', 'anyOf', 'oneOf', '$ref'].some((keyword) => keyword in node)) {
    throw new StrictSchemaError(
      `${path} allows anything, which strict structured outputs do not allow. Say what it is.`,
    );
  }
}

function strictMap(value: JsonValue, path: string): JsonObject {
  const entries = Object.entries(asNode(value, path));
  return Object.fromEntries(
    entries.map(([name, node]) => [name, strictNode(asNode(node, `${path}.${name}`), `${path}.${name}`)]),
  );
}

function strictList(value: JsonValue, path: string): JsonValue {
  if (!Array.isArray(value)) throw new StrictSchemaError(`${path} must be a list of schemas.`);
  return value.map((node: JsonValue, index) => strictNode(asNode(node, `${path}[${index}]`), `${path}[${index}]`));
}

function asNode(value: JsonValue | undefined, path: string): JsonObject {
  if (isObject(value)) return value;
  throw new StrictSchemaError(`${path} is not a schema that says what its value is. Describe it with a type.`);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
