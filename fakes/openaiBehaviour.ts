import type { ServerResponse } from 'node:http';
import { assertNever } from '../contracts/words/assertNever';
import { z } from 'zod';

/** What the fake does with the next request instead of answering it well. */
export const behaviourSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ok') }),
  /** Any error status, with `Retry-After` as given (seconds or a date) and the provider's error code. */
  z.strictObject({
    kind: z.literal('status'),
    status: z.number().int().min(400).max(599),
    retryAfter: z.string().optional(),
    code: z.string().optional(),
  }),
  /** The connection breaks in the middle of the body. */
  z.strictObject({ kind: z.literal('reset') }),
  /** No answer until the caller goes away or the fake is closed. */
  z.strictObject({ kind: z.literal('hang') }),
  /** Answers well, but late. */
  z.strictObject({ kind: z.literal('slow'), milliseconds: z.number().int().min(0).max(600_000) }),
  /** The model's text is this instead of JSON by the schema. */
  z.strictObject({ kind: z.literal('malformed'), text: z.string().optional(), finishReason: z.string().optional() }),
  z.strictObject({ kind: z.literal('refusal') }),
  /** A content filter that answers with status 200. */
  z.strictObject({ kind: z.literal('content_filter') }),
  z.strictObject({ kind: z.literal('no_usage') }),
  /** Status 200 with a page of HTML, as a proxy does. */
  z.strictObject({ kind: z.literal('not_an_api') }),
]);
export type OpenAiBehaviour = z.infer<typeof behaviourSchema>;

/** The text that a malformed answer has by default: a brace is missing. */
export const MALFORMED_TEXT = '{"reply": "hello", "facts": [';
export const REFUSAL_TEXT = "I'm sorry, but I can't help with that.";

export interface Completion {
  readonly text: string;
  readonly model: string;
  readonly promptTokens: number;
}

/** Writes the answer that the behaviour asks for. `completion` is what a good answer would say. */
export function behave(
  behaviour: OpenAiBehaviour,
  { response, completion }: { response: ServerResponse; completion: Completion },
): void {
  switch (behaviour.kind) {
    case 'ok':
      return sendJson(response, 200, completionBody(completion, {}));
    case 'slow':
      setTimeout(() => sendJson(response, 200, completionBody(completion, {})), behaviour.milliseconds).unref();
      return;
    case 'status':
      return sendStatus(response, behaviour);
    case 'reset':
      return breakOff(response, completionBody(completion, {}));
    case 'hang':
      return;
    case 'malformed':
      return sendJson(response, 200, malformedBody(completion, behaviour));
    case 'refusal':
      return sendJson(response, 200, completionBody({ ...completion, text: '' }, { refusal: REFUSAL_TEXT }));
    case 'content_filter':
      return sendJson(response, 200, completionBody({ ...completion, text: '' }, { finishReason: 'content_filter' }));
    case 'no_usage':
      return sendJson(response, 200, { ...completionBody(completion, {}), usage: undefined });
    case 'not_an_api':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Please sign in</body></html>');
      return;
    default:
      assertNever(behaviour);
  }
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  if (response.destroyed || response.writableEnded) return;
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function malformedBody(completion: Completion, behaviour: OpenAiBehaviour & { kind: 'malformed' }): object {
  const text = behaviour.text ?? MALFORMED_TEXT;
  return completionBody({ ...completion, text }, { finishReason: behaviour.finishReason ?? 'stop' });
}

function sendStatus(
  response: ServerResponse,
  { status, retryAfter, code }: OpenAiBehaviour & { kind: 'status' },
): void {
  if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
  sendJson(response, status, {
    error: { message: `the fake answers with ${status}`, type: 'fake_error', code: code ?? null },
  });
}

/** Promises more than it sends, then cuts the connection. */
function breakOff(response: ServerResponse, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.write(text.slice(0, text.length / 2), () => response.socket?.resetAndDestroy());
}

function completionBody(
  completion: Completion,
  { finishReason = 'stop', refusal = null }: { finishReason?: string; refusal?: string | null },
) {
  const completionTokens = tokensOf(refusal ?? completion.text);
  return {
    id: 'chatcmpl-fake',
    object: 'chat.completion',
    created: 1_767_225_600,
    model: completion.model,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: completion.text === '' ? null : completion.text, refusal },
        finish_reason: finishReason,
        logprobs: null,
      },
    ],
    usage: {
      prompt_tokens: completion.promptTokens,
      completion_tokens: completionTokens,
      total_tokens: completion.promptTokens + completionTokens,
    },
  };
}

/** Four bytes a token: near enough to count with, and always the same. */
export function tokensOf(text: string): number {
  return Math.ceil(Buffer.byteLength(text, 'utf8') / 4);
}
