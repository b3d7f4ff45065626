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
  if (Array.isArray(schema['enum'])) return (schema['enum'] as readonly JsonValue[])[0] ?? null;
  if (Array.isArray(schema['anyOf'])) return inner((schema['anyOf'] as readonly JsonValue[])[0]);
  if (typeof schema['$ref'] === 'string') return inner(resolveReference(schema['$ref'], root));
  const type = Array.isArray(schema['type']) ? (schema['type'] as readonly JsonValue[])[0] : schema['type'];
  switch (type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(asObject(schema['properties'])).map(([name, node]) => [name, inner(node)]),
      );
    case 'array':
      return Array.from({ length: Number(schema['minItems'] ?? 0) }, () => inner(schema['items']));
    case 'string':
      return STRING_OF_FORMAT[String(schema['format'] ?? '')] ?? 'text';
    case 'integer':
    case 'number':
      return Number(schema['minimum'] ?? Number(schema['exclusiveMinimum'] ?? -1) + 1);
    case 'boolean':
      return false;
    default:
      return null;
  }
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
