import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { pinoHttp } from 'pino-http';
import type { Log } from '../platform/log';

const GIVEN_ID = /^[A-Za-z0-9._-]{1,128}$/;

/**
 * Gives each request its id and writes one line when it is answered: id, method, route, status, latency. Neither bodies nor
 * query values nor headers are written, since any of them may be personal or secret. The id may be one that the caller chose, again
 * and again: it finds lines, and nothing is kept under it.
 */
export function logRequests(log: Log): RequestHandler {
  const handle = pinoHttp<Request, Response>({
    logger: log,
    genReqId: (request, response) => {
      const given = request.headers['x-request-id'];
      const id = typeof given === 'string' && GIVEN_ID.test(given) ? given : randomUUID();
      response.setHeader('X-Request-Id', id);
      return id;
    },
    serializers: {
      req: (request: { id: unknown; method: string; raw: Request }) => ({ id: request.id, method: request.method }),
      res: (response: { statusCode: number }) => ({ statusCode: response.statusCode }),
      err: () => undefined,
    },
    // Known only once a route has matched: what customProps gives is taken at the start as well, and written twice.
    customSuccessObject: (request, _response, line: object) => ({ ...line, route: routeOf(request) }),
    customErrorObject: (request, _response, _error, line: object) => ({ ...line, route: routeOf(request) }),
    customLogLevel: (_request, response) => (response.statusCode >= 500 ? 'error' : 'info'),
    customSuccessMessage: () => 'answered',
    customErrorMessage: () => 'answered',
  });
  return (request, response, next) => handle(request, response, next);
}

/** The pattern that matched, `/v1/tasks/:taskId`; never the address itself. */
function routeOf(request: Request): string {
  const route = request.route as { path?: unknown } | undefined;
  return typeof route?.path === 'string' ? route.path : 'unknown';
}
