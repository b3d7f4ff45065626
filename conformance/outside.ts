/** The systems around what is tried: they propose, check, carry out, are told, and can be slow, fail, or end a caller. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Json } from './json';

export type CallKind = 'draft' | 'check' | 'effect' | 'notice';

export interface Call {
  readonly kind: CallKind;
  readonly subject: string;
  readonly body: { readonly [name: string]: Json };
  readonly idempotencyKey: string | null;
  readonly at: number;
}

/**
 * What becomes of a call. `drop`: the connection ends and nothing was done; `done-then-drop`: it was done, and the caller
 * does not hear of it.
 */
export type Fate = 'answer' | 'fail' | 'drop' | 'done-then-drop';
export type Behaviour = (call: Call) => Fate | Promise<Fate>;

/** How the calls of one system are read, and what it expects as answers. */
export interface Dialect {
  read(request: {
    readonly method: string;
    readonly path: string;
    readonly body: Json;
    readonly idempotencyKey: string | null;
  }): Omit<Call, 'at' | 'idempotencyKey'> | null;
  answerTo(call: Call, drafts: number): Json;
}

export class Outside {
  readonly calls: Call[] = [];
  /** What was carried out: one for each idempotency key, as payment services do it. */
  readonly effects: Call[] = [];
  readonly notices: Call[] = [];
  private readonly behaviours = new Map<string, Behaviour>();
  private dialect: Dialect = OWN_WORDS;

  private constructor(private readonly server: Server) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => void this.serve(request, response));
  }

  static async open(): Promise<Outside> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Outside(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  speak(dialect: Dialect): void {
    this.dialect = dialect;
  }

  /** How calls of a kind for a subject are met from now on. */
  on(kind: CallKind, subject: string, behaviour: Behaviour): void {
    this.behaviours.set(`${kind} ${subject}`, behaviour);
  }

  effectsFor(subject: string): readonly Call[] {
    return this.effects.filter((effect) => effect.subject === subject);
  }

  noticesFor(subject: string): readonly string[] {
    return this.notices.filter((notice) => notice.subject === subject).map(({ body }) => String(body['kind']));
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = await this.read(request).catch(() => null);
    if (call === null) return void response.writeHead(404).end('{}');
    this.calls.push(call);
    const fate = await (this.behaviours.get(`${call.kind} ${call.subject}`)?.(call) ?? 'answer');
    if (fate === 'answer' || fate === 'done-then-drop') this.perform(call);
    if (fate === 'drop' || fate === 'done-then-drop') return void request.socket.destroy();
    if (fate === 'fail') return void response.writeHead(503).end('{}');
    const drafts = this.calls.filter(({ kind, subject }) => kind === 'draft' && subject === call.subject).length;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(this.dialect.answerTo(call, drafts)));
  }

  private async read(request: IncomingMessage): Promise<Call | null> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const header = request.headers['idempotency-key'];
    const idempotencyKey = typeof header === 'string' ? header : null;
    const body = text === '' ? null : (JSON.parse(text) as Json);
    const read = this.dialect.read({ method: request.method ?? '', path: request.url ?? '', body, idempotencyKey });
    return read && { ...read, idempotencyKey, at: Date.now() };
  }

  private perform(call: Call): void {
    if (call.kind !== 'effect' && call.kind !== 'notice') return;
    const done = call.kind === 'effect' ? this.effects : this.notices;
    const isKnown = ({ idempotencyKey }: Call) => idempotencyKey !== null && idempotencyKey === call.idempotencyKey;
    if (!done.some(isKnown)) done.push(call);
  }
}

/** The plain form that the peers' programs speak: `POST /{kind}` with the subject in the body. */
const OWN_WORDS: Dialect = {
  read: ({ path, body }) => {
    const kind = path.slice(1);
    if (kind !== 'draft' && kind !== 'check' && kind !== 'effect' && kind !== 'notice') return null;
    const fields = body as Call['body'];
    return { kind, subject: String(fields['subject']), body: fields };
  },
  // As a model does, it never says the same twice.
  answerTo: ({ kind, subject }, drafts) =>
    kind === 'draft' ? { proposed: { text: `proposal ${drafts} for ${subject}`, amount: 12.5 } } : {},
};
