import type { ErrorRequestHandler, Response } from 'express';
import type { z } from 'zod';
import { HTTP_STATUS_OF_CODE } from '../contracts/words/errorCodes';
import type { ErrorCode } from '../contracts/words/errorCodes';
import type { FieldError, Problem } from '../contracts/http/problem';
import type { Log } from '../platform/log';
import { PROBLEM_SENTENCES } from './problemSentences';

export interface ProblemParticulars {
  /** In place of the code's own sentence. */
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  /** Further members of the answer, such as `decidedBy`. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that is not what was asked for. Thrown anywhere in a route; made into problem+json here and nowhere else. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  constructor(
    readonly code: ErrorCode,
    readonly particulars: ProblemParticulars = {},
  ) {
    super(particulars.detail ?? PROBLEM_SENTENCES[code].detail);
  }
}

/** The problem as JSON, for the request that it is the answer to. */
export function problemJson({ code, message, particulars }: ProblemError, requestId: string): Problem {
  return {
    type: `urn:countersign:problem:${code}`,
    title: PROBLEM_SENTENCES[code].title,
    status: HTTP_STATUS_OF_CODE[code],
    detail: message,
    instance: `urn:countersign:request:${requestId}`,
    code,
    ...particulars.members,
    ...(particulars.errors === undefined ? {} : { errors: [...particulars.errors] }),
  };
}

export function sendProblem(response: Response, error: ProblemError): void {
  const { code, particulars } = error;
  const problem = problemJson(error, String(response.getHeader('X-Request-Id')));
  if (code === 'unauthenticated') response.setHeader('WWW-Authenticate', 'Bearer realm="countersign"');
  if (code === 'unavailable') response.setHeader('Retry-After', '5');
  for (const [name, value] of Object.entries(particulars.headers ?? {})) response.setHeader(name, value);
  response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}

/** The last handler of the app: whatever was thrown becomes a problem. What nobody foresaw is logged, and not shown. */
export function convertErrors(log: Log): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    const problem = problemOf(error);
    if (problem.code === 'internal') log.error({ err: error, requestId: request.id }, 'a request failed');
    if (isStoreAway(error))
      log.warn({ err: error, requestId: request.id }, 'the store could not be reached for a request');
    sendProblem(response, problem);
  };
}

function isStoreAway(error: unknown): boolean {
  return error instanceof Error && error.name === 'StoreUnavailableError';
}

/** What an error is told as; what nobody foresaw is `internal`. */
export function problemOf(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (isStoreAway(error)) return new ProblemError('unavailable');
  const { type, status, name } = Object(error) as { type?: unknown; status?: unknown; name?: unknown };
  // The types of body-parser's errors.
  if (type === 'entity.too.large') return new ProblemError('input_too_large');
  if (type === 'encoding.unsupported' || type === 'charset.unsupported')
    return new ProblemError('unsupported_media_type');
  if (name === 'InvalidCursorError') {
    return new ProblemError('request_invalid', {
      errors: [{ path: '/cursor', message: 'is not the nextCursor of a page' }],
    });
  }
  if (status === 400) return new ProblemError('request_invalid');
  return new ProblemError('internal');
}

/** What is wrong, by JSON Pointer below `base`. Rules only: neither values nor names of unknown fields are repeated. */
export function fieldErrorsOf(error: z.ZodError, base = ''): FieldError[] {
  return error.issues.slice(0, MAX_FIELD_ERRORS).map((issue) => ({
    path: base + issue.path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
    message: issue.code === 'unrecognized_keys' ? 'has a field that the schema does not know' : issue.message,
  }));
}

const MAX_FIELD_ERRORS = 50;
