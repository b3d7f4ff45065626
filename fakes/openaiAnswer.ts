import type { JsonObject, JsonValue } from '../contracts/digest';

/** Deeper schemas, such as recursive ones, end in null here. */
const MAX_DEPTH = 12;

const STRING_OF_FORMAT: Readonly<Record<string, string>> = {
  date: '2026-01-31',
  'date-time': '2026-01-31T12:00:00Z',
  time: '12:00:00',
  email: 'someone@example.com',
  uuid: '00000000-0000-4000-8000-000000000000',
  ipv4: '192.0.2.1',
};

/** A value that follows the schema, always the same one: the first of each choice, the least of each number, the shortest list. */
export function valueOf(schema: JsonObject, root: JsonObject = schema, depth = 0): JsonValue {
  if (depth > MAX_DEPTH) return null;
  const inner = (node: JsonValue | undefined) => valueOf(asObject(node), root, depth + 1);
  if ('const' in schema) return schema['const'] ?? null;
  if ('enum' in schema) return firstOf(schema['enum']);
  if ('anyOf' in schema) return inner(firstOf(schema['anyOf']));
  if (typeof schema['$ref'] === 'string') return inner(resolveReference(schema['$ref'], root));
  const type = Array.isArray(schema['type']) ? firstOf(schema['type']) : schema['type'];
  return VALUE_OF_TYPE[String(type)]?.(schema, inner) ?? null;
}

type ValueMaker = (schema: JsonObject, inner: (node: JsonValue | undefined) => JsonValue) => JsonValue;

const VALUE_OF_TYPE: Readonly<Record<string, ValueMaker>> = {
  object: (schema, inner) => mapValues(asObject(schema['properties']), inner),
  array: (schema, inner) => Array.from({ length: Number(schema['minItems'] ?? 0) }, () => inner(schema['items'])),
  string: (schema) => STRING_OF_FORMAT[String(schema['format'])] ?? 'text',
  integer: leastNumber,
  number: leastNumber,
  boolean: () => false,
};

function leastNumber(schema: JsonObject): number {
  return Number(schema['minimum'] ?? Number(schema['exclusiveMinimum'] ?? -1) + 1);
}

function mapValues(properties: JsonObject, make: (node: JsonValue) => JsonValue): JsonObject {
  return Object.fromEntries(Object.entries(properties).map(([name, node]) => [name, make(node)]));
}

function firstOf(list: JsonValue | undefined): JsonValue {
  return Array.isArray(list) ? ((list as readonly JsonValue[])[0] ?? null) : null;
}

function resolveReference(reference: string, root: JsonObject): JsonValue {
  const steps = reference
    .replace(/^#\/?/, '')
    .split('/')
    .filter((step) => step !== '');
  return steps.reduce<JsonValue>((node, step) => asObject(node)[step] ?? null, root);
}

function asObject(value: JsonValue | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
