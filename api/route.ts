import type { Request, RequestHandler, Response, Router } from 'express';
import type { z } from 'zod';
import type { Operation, ReplyOf, RequestOf } from '../contracts/http/operation';
import type { Authenticate } from './authenticate';
import { authorize } from './authorize';
import type { Caller } from './caller';
import { ProblemError, fieldErrorsOf } from './problems';
import { readJson } from './readBody';

/** One request of an operation, let in and validated. */
export interface Call<O extends Operation> extends RequestOf<O> {
  readonly caller: Caller;
  readonly requestId: string;
  /** The body as JSON, before the schema filled in anything. */
  readonly json: unknown;
  /** Aborted when the caller has gone. */
  readonly gone: AbortSignal;
  /** Sets a header of whatever is answered from now on, a problem too. */
  readonly setHeader: (name: string, value: string) => void;
}

export type Handler<O extends Operation> = (call: Call<O>) => Promise<ReplyOf<O>>;

export interface Door {
  readonly router: Router;
  readonly authenticate: Authenticate;
  readonly maxBodyBytes: number;
}

/** Puts an operation on the router: who asks, whether they may, whether what they send is valid, then the handler. */
export function mount<const O extends Operation>(door: Door, operation: O, handler: Handler<O>): void {
  const handle: RequestHandler = async (request, response) => {
    send(response, await handler(await callOf(door, operation, { request, response })));
  };
  door.router[operation.method](expressPath(operation.path), handle);
}

/** Where a handler answers that does so by itself. */
export interface StreamPlace {
  readonly request: Request;
  readonly response: Response;
}

/** Until it begins to answer, what it throws is answered as a problem. */
export type StreamHandler<O extends Operation> = (call: Call<O>, place: StreamPlace) => Promise<void>;

/** As `mount`, for an answer that goes on. */
export function mountStream<const O extends Operation>(door: Door, operation: O, handler: StreamHandler<O>): void {
  const handle: RequestHandler = async (request, response) => {
    const place = { request, response };
    await handler(await callOf(door, operation, place), place);
  };
  door.router[operation.method](expressPath(operation.path), handle);
}

async function callOf<const O extends Operation>(door: Door, operation: O, place: StreamPlace): Promise<Call<O>> {
  const { request, response } = place;
  const caller = await door.authenticate(request);
  authorize(caller, operation.access);
  const parts = await validated(operation, { request, response, door });
  const setHeader = (name: string, value: string) => void response.setHeader(name, value);
  const call = { ...parts, caller, requestId: String(request.id), gone: goneOf(response), setHeader };
  // `validated` has parsed each part by the operation's own schemas, which is what RequestOf says.
  return call as unknown as Call<O>;
}

export function expressPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

interface Incoming {
  readonly request: Request;
  readonly response: Response;
  readonly door: Door;
}

async function validated(operation: Operation, { request, response, door }: Incoming) {
  const params = parameters(operation.params, request.params);
  const query = parameters(operation.query, request.query);
  const headers = parameters(operation.headers, request.headers);
  if (operation.body === undefined) return { params, query, headers, body: undefined, json: undefined };
  const schema = operation.body;
  const { value } = await readJson(request, { response, schema, maxBytes: door.maxBodyBytes });
  const result = schema.safeParse(value);
  if (!result.success) throw new ProblemError('input_invalid', { errors: fieldErrorsOf(result.error) });
  return { params, query, headers, body: result.data, json: value };
}

function parameters(schema: z.ZodObject | undefined, given: unknown): unknown {
  if (schema === undefined) return undefined;
  const result = schema.safeParse(given);
  if (!result.success) throw new ProblemError('request_invalid', { errors: fieldErrorsOf(result.error) });
  return result.data;
}

function goneOf(response: Response): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  return controller.signal;
}

interface AnyReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export function send(response: Response, { status, headers = {}, body }: AnyReply): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.status(status);
  if (body === undefined) response.end();
  else response.json(body);
}
