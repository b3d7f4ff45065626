import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { ClientProblem } from './ClientProblem';
import type { ProblemBody } from './ClientProblem';
import { CliError } from './CliError';
import type { Connection } from './connection';

const REQUEST_TIMEOUT_MS = 30_000;
/** Pauses before the second, third and fourth time that one decision is sent, under the same Idempotency-Key. */
const RESEND_AFTER_MS = [500, 1_500, 4_000];
const RESENT_CODES: readonly string[] = ['unavailable', 'not_yet_decided'];

type Query = Readonly<Record<string, string | number | undefined>>;

interface Sent {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: Query;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
}

interface BoundToDigest {
  readonly digest: string;
}

/** The server was not reached, or did not answer: whether it got the request is not known. */
class Unreachable extends CliError {}

/**
 * The HTTP interface, from outside. Answers are JSON as the contracts say; a problem is thrown as a `ClientProblem`. Nothing
 * is sent twice, but for a decision, which carries a key that makes sending it again harmless.
 */
export class Client {
  constructor(private readonly connection: Connection) {}

  async get<T>(path: string, query: Query = {}): Promise<T> {
    // The answer's shape is the contract of our own server.
    return (await this.send({ method: 'GET', path, query })) as T;
  }

  /** Undefined where the answer has no body. */
  async post<T>(path: string, body?: unknown): Promise<T | undefined> {
    return (await this.send({ method: 'POST', path, body })) as T | undefined;
  }

  async delete(path: string): Promise<void> {
    await this.send({ method: 'DELETE', path });
  }

  /**
   * Sends one decision until its answer is known: after a lost connection, or while the engine is away, again with the same
   * key, at most four times. When it is still not known, the error says how to find out.
   */
  async decide<T>(
    path: string,
    body: BoundToDigest,
    { key = randomUUID() }: { readonly key?: string } = {},
  ): Promise<T> {
    return this.sendUntilKnown(path, body, { key, again: `--digest ${body.digest} --idempotency-key ${key}` });
  }

  /** The same with many decisions at once. */
  async decideMany<T>(path: string, body: unknown, { key = randomUUID() }: { readonly key?: string } = {}): Promise<T> {
    return this.sendUntilKnown(path, body, { key, again: `--idempotency-key ${key}` });
  }

  private async sendUntilKnown<T>(
    path: string,
    body: unknown,
    { key, again }: { readonly key: string; readonly again: string },
  ): Promise<T> {
    const pausesMs = [...RESEND_AFTER_MS];
    for (;;) {
      try {
        return (await this.send({ method: 'POST', path, body, idempotencyKey: key })) as T;
      } catch (error) {
        if (!mayResend(error)) throw error;
        const pauseMs = pausesMs.shift();
        if (pauseMs === undefined) throw new CliError(notKnown(error, again));
        await wait(pauseMs);
      }
    }
  }

  private async send({ method, path, query = {}, body, idempotencyKey }: Sent): Promise<unknown> {
    const url = new URL(this.connection.baseUrl + path);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, `${value}`);
    const headers = {
      accept: 'application/json',
      authorization: `Bearer ${this.connection.apiKey}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    };
    // A redirect would carry the key and the texts to an address that nobody named.
    const init = { method, headers, redirect: 'error', signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) } as const;
    try {
      const response = await fetch(url, body === undefined ? init : { ...init, body: JSON.stringify(body) });
      return answerOf(response, { text: await response.text(), url });
    } catch (error) {
      if (error instanceof ClientProblem || error instanceof CliError) throw error;
      throw new Unreachable(this.unreachable(error));
    }
  }

  private unreachable(error: unknown): string {
    const { baseUrl, baseUrlFrom } = this.connection;
    return [
      `Countersign does not answer at ${baseUrl} (from ${baseUrlFrom}): ${reasonOf(error)}.`,
      baseUrlFrom.endsWith('dev.json')
        ? '  - it is not running any more, or not yet: run `npm start` in another terminal'
        : '  - check that it runs there, and that the address is right',
    ].join('\n');
  }
}

function answerOf(response: Response, { text, url }: { readonly text: string; readonly url: URL }): unknown {
  const isProblem = (response.headers.get('content-type') ?? '').startsWith('application/problem+json');
  const body = text === '' ? undefined : parsed(text);
  if (isProblem && typeof (body as Partial<ProblemBody> | undefined)?.code === 'string') {
    throw new ClientProblem(body as ProblemBody);
  }
  if (!response.ok || (text !== '' && body === undefined)) {
    throw new CliError(
      `${url.origin} answered ${response.status} with something that is not Countersign's. Is the address right, or is a proxy in between?`,
    );
  }
  return body;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function mayResend(error: unknown): boolean {
  return error instanceof Unreachable || (error instanceof ClientProblem && RESENT_CODES.includes(error.code));
}

function notKnown(error: unknown, again: string): string {
  return [
    error instanceof Error ? error.message : String(error),
    'Whether your decision took effect is not known. Look at the review before you decide again, or give the same command with',
    `  ${again}`,
    'and it takes effect once, whatever happened.',
  ].join('\n');
}

function reasonOf(error: unknown): string {
  const { name, message, cause } = error as Error & { cause?: { code?: string; message?: string } };
  if (name === 'TimeoutError') return `no answer within ${REQUEST_TIMEOUT_MS / 1000} s`;
  return cause?.code ?? cause?.message ?? message;
}
