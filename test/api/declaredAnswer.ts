import { isDeepStrictEqual } from 'node:util';
import { operations } from '../../contracts/http/document';
import type { Operation } from '../../contracts/http/operation';
import { problem } from '../../contracts/http/problem';
import { HTTP_STATUS_OF_CODE } from '../../contracts/words/errorCodes';

/** Codes that a call can be refused with before its operation is looked at. */
const OF_ALL_CALLS = [
  'unauthenticated',
  'scope_required',
  'csrf_refused',
  'request_invalid',
  'route_unknown',
  'method_not_allowed',
  'unavailable',
];
const OF_BODIES = ['not_json', 'unsupported_media_type', 'input_too_large', 'input_invalid'];

/** Throws where an answer is not one that the interface declares for the call, so that the OpenAPI document can't say something else. */
export function requireDeclared(
  call: { method: string; path: string },
  { status, body }: { status: number; body: unknown },
): void {
  const operation = operationOf(call);
  if (operation === undefined) return;
  const answer = operation.answers[status];
  const code = codeOf(body);
  if (code !== null) return requireDeclaredProblem(operation, { code, status, body });
  if (answer === undefined) throw new Error(`${operation.id} answered ${status}, which it does not declare`);
  if (answer.schema === undefined) {
    if (body !== undefined) throw new Error(`${operation.id} answered ${status} with a body that it does not declare`);
    return;
  }
  const parsed = answer.schema.safeParse(body);
  if (!parsed.success)
    throw new Error(`${operation.id} answered ${status} against its schema: ${parsed.error.message}`);
  if (!isDeepStrictEqual(parsed.data, body))
    throw new Error(`${operation.id} answered ${status} with fields it does not declare`);
}

function requireDeclaredProblem(
  operation: Operation,
  { code, status, body }: { code: string; status: number; body: unknown },
): void {
  problem.parse(body);
  const codes: readonly string[] = [
    ...operation.refusals,
    ...OF_ALL_CALLS,
    ...(operation.body === undefined ? [] : OF_BODIES),
  ];
  if (!codes.includes(code)) throw new Error(`${operation.id} refused with ${code}, which it does not declare`);
  if (HTTP_STATUS_OF_CODE[code as keyof typeof HTTP_STATUS_OF_CODE] !== status)
    throw new Error(`${code} has not the status ${status}`);
}

function codeOf(body: unknown): string | null {
  const { code } = Object(body) as { code?: unknown };
  return typeof code === 'string' ? code : null;
}

function operationOf({ method, path }: { method: string; path: string }): Operation | undefined {
  const [address = ''] = path.split('?');
  return operations.find((operation) => {
    const pattern = new RegExp(`^${operation.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
    return operation.method.toUpperCase() === method && pattern.test(address);
  });
}
