import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, jsonSchema, NoObjectGeneratedError, Output } from 'ai';
import type { LanguageModel, LanguageModelUsage } from 'ai';
import type { JsonObject } from '../contracts/digest';
import { failureOf, malformedFailure, refusedFailure, timeoutFailure, unsendableFailure } from './failures';
import { parseAnswer } from './parseAnswer';
import { OFFICIAL_ADDRESS, priceOf, UnpricedModelError } from './prices';
import type { Price, PriceOverride } from './prices';
import { ModelFailure } from './provider';
import type { ModelAnswer, ModelCall, ModelProvider, ModelUsage } from './provider';
import { StrictSchemaError, strictSchema } from './strictSchema';

export const OPENAI_PROVIDER = 'openai';

export interface OpenAiOptions {
  /** Null for a server that needs none. */
  readonly apiKey: string | null;
  /** With its version path, such as https://api.openai.com/v1. */
  readonly baseUrl: string;
  readonly model: string;
  readonly timeoutSeconds: number;
  /** Null: the price list's. */
  readonly price: PriceOverride | null;
}

/** What the client library gave back, whether it could parse it or not. */
interface RawAnswer {
  readonly text: string;
  readonly finishReason: string;
  readonly usage: LanguageModelUsage | undefined;
}

type PricedCall = Parameters<ModelProvider['upperBoundMicroUsd']>[0];

/** A provider that speaks the chat completions protocol with structured outputs: OpenAI's, or any compatible server. */
export function createOpenAiProvider(options: OpenAiOptions): ModelProvider {
  const client = createOpenAICompatible({
    name: OPENAI_PROVIDER,
    baseURL: options.baseUrl,
    ...(options.apiKey === null ? {} : { apiKey: options.apiKey }),
    // Without this the client leaves the schema out and asks for any JSON.
    supportsStructuredOutputs: true,
    ...(options.baseUrl === OFFICIAL_ADDRESS ? { transformRequestBody: withCompletionLimit } : {}),
  });
  const priceFor = (model: string): Price => priceOf(model, { baseUrl: options.baseUrl, override: options.price });
  return {
    name: OPENAI_PROVIDER,
    model: options.model,
    timeoutSeconds: options.timeoutSeconds,
    upperBoundMicroUsd: (call) => upperBound(call, { price: priceFor(call.model), latencyMs: 0 }).costMicroUsd,
    call: async (call) => {
      call.signal.throwIfAborted();
      const { price, schema } = prepare(call, priceFor);
      return callOnce(call, { model: client.chatModel(call.model), price, schema });
    },
  };
}

/** The official server's newer models refuse `max_tokens`; compatible servers often know nothing else. */
function withCompletionLimit(body: Record<string, unknown>): Record<string, unknown> {
  const { max_tokens: limit, ...rest } = body;
  return { ...rest, max_completion_tokens: limit };
}

/** What can be known to be wrong before anything is sent, or billed. */
function prepare(call: ModelCall, priceFor: (model: string) => Price): { price: Price; schema: JsonObject } {
  try {
    return { price: priceFor(call.model), schema: strictSchema(call.outputSchema.schema) };
  } catch (error) {
    if (error instanceof UnpricedModelError || error instanceof StrictSchemaError) throw unsendableFailure(error);
    throw error;
  }
}

interface Prepared {
  readonly model: LanguageModel;
  readonly price: Price;
  readonly schema: JsonObject;
}

async function callOnce(call: ModelCall, { model, price, schema }: Prepared): Promise<ModelAnswer> {
  const startedAt = performance.now();
  const latencyMs = () => Math.round(performance.now() - startedAt);
  const deadline = startDeadline(call);
  try {
    const raw = await ask(call, { model, schema, signal: deadline.signal });
    return readAnswer(raw, { call, usage: usageOf(raw, { call, price, latencyMs: latencyMs() }) });
  } catch (error) {
    if (error instanceof ModelFailure) throw error;
    call.signal.throwIfAborted();
    const usage = {
      nothing: nothingUsed(latencyMs()),
      upperBound: upperBound(call, { price, latencyMs: latencyMs() }),
    };
    if (deadline.isOver()) throw timeoutFailure(call.timeoutSeconds, usage.upperBound);
    throw failureOf(error, { usage, nowMs: Date.now() });
  } finally {
    deadline.end();
  }
}

/** One signal for the caller's abort and for the time-out, with nothing left on the caller's signal afterwards. */
function startDeadline(call: ModelCall) {
  const controller = new AbortController();
  let isOver = false;
  const abort = () => controller.abort();
  const timer = setTimeout(() => {
    isOver = true;
    abort();
  }, call.timeoutSeconds * 1_000);
  call.signal.addEventListener('abort', abort);
  const end = () => {
    clearTimeout(timer);
    call.signal.removeEventListener('abort', abort);
  };
  return { signal: controller.signal, isOver: () => isOver, end };
}

async function ask(
  call: ModelCall,
  { model, schema, signal }: { model: LanguageModel; schema: JsonObject; signal: AbortSignal },
): Promise<RawAnswer> {
  try {
    const { text, finishReason, usage } = await generateText({
      model,
      messages: call.messages.map(({ role, content }) => ({ role, content })),
      // System messages are the task type's own; what people wrote only ever enters user messages.
      allowSystemInMessages: true,
      output: Output.object({ schema: jsonSchema({ ...schema }), name: call.outputSchema.name }),
      maxOutputTokens: call.maxOutputTokens,
      maxRetries: 0,
      abortSignal: signal,
    });
    return { text, finishReason, usage };
  } catch (error) {
    // The library could not parse the text. It was generated all the same, and is billed.
    if (!NoObjectGeneratedError.isInstance(error) || error.text === undefined) throw error;
    return { text: error.text, finishReason: error.finishReason ?? 'other', usage: error.usage };
  }
}

function readAnswer(raw: RawAnswer, { call, usage }: { call: ModelCall; usage: ModelUsage }): ModelAnswer {
  if (raw.finishReason === 'content-filter') throw refusedFailure(usage);
  const parsed = parseAnswer(raw.text, { schema: call.outputSchema.schema, mayRepair: raw.finishReason === 'stop' });
  if (parsed === null) throw malformedFailure(raw.finishReason, usage);
  return { ...usage, ...parsed, finishReason: raw.finishReason };
}

function usageOf(
  raw: RawAnswer,
  { call, price, latencyMs }: { call: PricedCall; price: Price; latencyMs: number },
): ModelUsage {
  const { inputTokens = 0, outputTokens = 0, inputTokenDetails } = raw.usage ?? {};
  // No prompt has zero tokens, and no text either: a server that says so did not count.
  const isCounted =
    isCount(inputTokens) && inputTokens > 0 && isCount(outputTokens) && (outputTokens > 0 || raw.text === '');
  if (!isCounted) return upperBound(call, { price, latencyMs });
  const cached = inputTokenDetails?.cacheReadTokens ?? 0;
  const costMicroUsd = price({ inputTokens, outputTokens, cachedInputTokens: isCount(cached) ? cached : 0 });
  return { inputTokens, outputTokens, costMicroUsd, latencyMs, isUpperBound: false };
}

/** UTF-8 bytes are never fewer than tokens, whatever the script; the answer can't be longer than it may be. */
function upperBound(call: PricedCall, { price, latencyMs }: { price: Price; latencyMs: number }): ModelUsage {
  const prompt = JSON.stringify([call.messages, call.outputSchema]);
  const tokens = { inputTokens: Buffer.byteLength(prompt, 'utf8'), outputTokens: call.maxOutputTokens };
  return { ...tokens, costMicroUsd: price(tokens), latencyMs, isUpperBound: true };
}

function nothingUsed(latencyMs: number): ModelUsage {
  return { inputTokens: 0, outputTokens: 0, costMicroUsd: 0, latencyMs, isUpperBound: false };
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
