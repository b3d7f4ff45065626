import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import type { JsonValue } from '../contracts/digest';

/** What a system does instead of answering well. */
export const Behaviour = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ok') }),
  /** Answers 503 with Retry-After: 1. */
  z.strictObject({ kind: z.literal('down') }),
  /** Answers well, late. */
  z.strictObject({ kind: z.literal('slow'), ms: z.int().min(1).max(120_000).default(10_000) }),
  /** Answers 429 with Retry-After. */
  z.strictObject({ kind: z.literal('busy'), retryAfterSeconds: z.int().min(1).max(3_600).default(1) }),
  /** Does what it is asked, and never answers. */
  z.strictObject({ kind: z.literal('hangs_after_doing') }),
  /** Does what it is asked, and drops the connection. */
  z.strictObject({ kind: z.literal('resets_after_doing') }),
  /** Drops the connection, and does what it is asked when so many more requests have come, before it answers the last of them. */
  z.strictObject({ kind: z.literal('resets_and_does_later'), requests: z.int().min(1).max(100) }),
  /** Answers with a status that says no for good. */
  z.strictObject({ kind: z.literal('refuses'), status: z.int().min(400).max(499).default(422) }),
  /** Drops the connection without an answer. */
  z.strictObject({ kind: z.literal('reset') }),
  /** Answers 200 with JSON of another shape. */
  z.strictObject({ kind: z.literal('breaks_contract') }),
  /** Answers 200 with a page of HTML. */
  z.strictObject({ kind: z.literal('not_json') }),
]);
export type Behaviour = z.infer<typeof Behaviour>;

export interface FakeRequest {
  readonly method: string;
  /** Path without prefix and query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly idempotencyKey: string | null;
  readonly authorization: string | null;
  readonly body: string;
}

export interface FakeAnswer {
  readonly status: number;
  readonly body: JsonValue;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One outside system: how it answers when it is well, and how it behaves. */
export interface FakeSystem {
  readonly name: string;
  /** Every request so far, oldest first, those that were answered badly too. */
  readonly requests: readonly FakeRequest[];
  /** From now on, for `times` requests (default: until told otherwise). `{ kind: 'ok' }` ends it. */
  behave(behaviour: z.input<typeof Behaviour>, times?: number): void;
  serve(request: FakeRequest, response: ServerResponse): void;
}

export function fakeSystem(name: string, answer: (request: FakeRequest) => FakeAnswer): FakeSystem {
  const requests: FakeRequest[] = [];
  let behaviour: Behaviour = { kind: 'ok' };
  let timesLeft = Infinity;
  let late: readonly { readonly after: number; readonly answer: () => FakeAnswer }[] = [];
  const doWhatIsLate = (): void => {
    for (const { after, answer: act } of late) if (requests.length >= after) act();
    late = late.filter(({ after }) => requests.length < after);
  };
  const next = (): Behaviour => {
    if (timesLeft <= 0) behaviour = { kind: 'ok' };
    timesLeft -= 1;
    return behaviour;
  };
  return {
    name,
    requests,
    behave: (wanted, times = Infinity) => {
      behaviour = Behaviour.parse(wanted);
      timesLeft = times;
    },
    serve: (request, response) => {
      requests.push(request);
      doWhatIsLate();
      const asked = { response, answer: () => answer(request) };
      const now = next();
      if (now.kind === 'resets_and_does_later')
        late = [...late, { after: requests.length + now.requests, answer: asked.answer }];
      answerAs(now, asked);
    },
  };
}

function answerAs(
  behaviour: Behaviour,
  { response, answer }: { response: ServerResponse; answer: () => FakeAnswer },
): void {
  switch (behaviour.kind) {
    case 'ok':
      return sendAnswer(response, answer());
    case 'slow':
      // A caller that has gone away must not keep the process.
      setTimeout(() => sendAnswer(response, answer()), behaviour.ms).unref();
      return;
    case 'down':
      return sendAnswer(response, { status: 503, body: { error: 'maintenance' }, headers: { 'retry-after': '1' } });
    case 'busy': {
      const headers = { 'retry-after': String(behaviour.retryAfterSeconds) };
      return sendAnswer(response, { status: 429, body: { error: 'too many requests' }, headers });
    }
    case 'hangs_after_doing':
      return void answer();
    case 'resets_after_doing':
      answer();
      response.socket?.resetAndDestroy();
      return;
    case 'refuses':
      return sendAnswer(response, { status: behaviour.status, body: { error: 'refused' } });
    case 'reset':
    case 'resets_and_does_later':
      response.socket?.resetAndDestroy();
      return;
    case 'breaks_contract':
      return sendAnswer(response, { status: 200, body: { data: [{ customer_number: 17 }] } });
    case 'not_json':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Welcome</body></html>');
  }
}

export function sendAnswer(response: ServerResponse, { status, body, headers = {} }: FakeAnswer): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

export interface FakeServer {
  readonly url: string;
  /** Drops all connections and frees the port. */
  close(): Promise<void>;
}

/** Serves on loopback; `port` 0 takes a free one. `route` finds the system and strips its prefix; null answers 404. */
export async function serveFakes(
  port: number,
  route: (request: FakeRequest, response: ServerResponse) => void,
): Promise<FakeServer> {
  const server = createServer((request, response) => {
    readRequest(request).then(
      (read) => route(read, response),
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address() as AddressInfo; // A TCP server that listens has one.
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readRequest(request: IncomingMessage): Promise<FakeRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer); // No encoding is set, so chunks are buffers.
  const key = request.headers['idempotency-key'];
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  return {
    method: request.method ?? 'GET',
    path: pathname,
    query: Object.fromEntries(searchParams),
    idempotencyKey: typeof key === 'string' ? key : null,
    authorization: request.headers.authorization ?? null,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}
