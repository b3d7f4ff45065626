import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import type { JsonObject, JsonValue } from '../contracts/digest';
import { valueOf } from './openaiAnswer';
import { behave, behaviourSchema, sendJson, tokensOf } from './openaiBehaviour';
import type { OpenAiBehaviour } from './openaiBehaviour';

export interface FakeOpenAiOptions {
  /** Default 0: any free port. */
  readonly port?: number;
  /** Makes the object that the model answers with. Default: a value built from the schema, always the same. */
  readonly answer?: (request: ChatRequest) => JsonValue;
}

/** A request for a chat completion, as it was received. */
export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  /** The JSON Schema that the answer must follow; null where none was sent. */
  readonly schema: JsonObject | null;
  readonly body: JsonObject;
  readonly authorization: string | null;
  /** Whether the caller went away before it was answered. */
  isAborted: boolean;
}

export interface FakeOpenAi {
  /** With the version path: what OPENAI_BASE_URL is set to. */
  readonly url: string;
  /** Every chat request so far, oldest first. */
  readonly requests: readonly ChatRequest[];
  /** Queues what happens to the next requests, one each; when the queue is empty they are answered well. */
  behave(...behaviours: OpenAiBehaviour[]): void;
  /** Drops all connections and frees the port. */
  close(): Promise<void>;
}

interface FakeState {
  readonly requests: ChatRequest[];
  readonly queue: OpenAiBehaviour[];
  readonly answer: (request: ChatRequest) => JsonValue;
}

const chatBodySchema = z.looseObject({
  model: z.string(),
  messages: z.array(z.looseObject({ role: z.string(), content: z.string() })).min(1),
  response_format: z
    .looseObject({ json_schema: z.looseObject({ schema: z.record(z.string(), z.json()) }).optional() })
    .optional(),
});

/**
 * An OpenAI-compatible server (chat completions with structured outputs) that can misbehave on demand. Besides
 * `POST /v1/chat/completions` it has, for other processes, `POST /control/behaviours` (a list, queued),
 * `DELETE /control/behaviours` and `GET /control/requests`.
 */
export async function startFakeOpenAi(options: FakeOpenAiOptions = {}): Promise<FakeOpenAi> {
  const state: FakeState = { requests: [], queue: [], answer: options.answer ?? answerBySchema };
  const server = createServer((request, response) => void serve(request, response, state));
  await listen(server, options.port ?? 0);
  const { port } = server.address() as AddressInfo; // a TCP server that listens has one
  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests: state.requests,
    behave: (...behaviours) => void state.queue.push(...behaviours),
    close: () => closeServer(server),
  };
}

async function serve(request: IncomingMessage, response: ServerResponse, state: FakeState): Promise<void> {
  try {
    const body = await readBody(request);
    route(request, { response, state, body });
  } catch (error) {
    sendJson(response, 400, { error: { message: String(error), type: 'invalid_request_error', code: null } });
  }
}

function route(
  request: IncomingMessage,
  { response, state, body }: { response: ServerResponse; state: FakeState; body: string },
): void {
  switch (`${request.method} ${request.url}`) {
    case 'POST /v1/chat/completions':
      return complete(readChat(request, body), { response, state });
    case 'GET /v1/models':
      return sendJson(response, 200, { object: 'list', data: [{ id: 'fake', object: 'model' }] });
    case 'POST /control/behaviours':
      state.queue.push(...z.array(behaviourSchema).parse(JSON.parse(body)));
      return sendJson(response, 200, { queued: state.queue.length });
    case 'DELETE /control/behaviours':
      state.queue.length = 0;
      return sendJson(response, 200, { queued: 0 });
    case 'GET /control/requests':
      return sendJson(response, 200, state.requests);
    default:
      return sendJson(response, 404, {
        error: { message: 'no such route', type: 'invalid_request_error', code: null },
      });
  }
}

function readChat(request: IncomingMessage, text: string): ChatRequest {
  const body = chatBodySchema.parse(JSON.parse(text));
  return {
    model: body.model,
    messages: body.messages.map(({ role, content }) => ({ role, content })),
    schema: body.response_format?.json_schema?.schema ?? null,
    body: JSON.parse(text) as JsonObject,
    authorization: request.headers.authorization ?? null,
    isAborted: false,
  };
}

function complete(chat: ChatRequest, { response, state }: { response: ServerResponse; state: FakeState }): void {
  state.requests.push(chat);
  response.on('close', () => {
    chat.isAborted = !response.writableFinished;
  });
  const completion = {
    model: chat.model,
    text: JSON.stringify(state.answer(chat)),
    promptTokens: tokensOf(chat.messages.map(({ content }) => content).join('\n')),
  };
  behave(state.queue.shift() ?? { kind: 'ok' }, { response, completion });
}

function answerBySchema(request: ChatRequest): JsonValue {
  return request.schema === null ? { text: 'text' } : valueOf(request.schema);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer); // no encoding is set, so chunks are buffers
  return Buffer.concat(chunks).toString('utf8');
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
