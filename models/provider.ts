import type { JsonObject, JsonValue } from '../contracts/digest';
import type { AttemptResult } from '../contracts/words/vocabulary';

/** One message for a model; equal in shape to what a task type's prompt returns. */
export interface ModelMessage {
  readonly role: 'system' | 'user';
  readonly content: string;
}

/** The JSON Schema that an answer must follow, with the name under which the model is told of it. */
export interface NamedSchema {
  /** 1 to 64 letters, digits, `_` and `-`. */
  readonly name: string;
  /** A JSON Schema of an object. See `strictSchema` for what may be in it. */
  readonly schema: JsonObject;
}

export interface ModelCall {
  readonly model: string;
  /** At least one, in order. */
  readonly messages: readonly ModelMessage[];
  readonly outputSchema: NamedSchema;
  /** The most that may be generated and billed, in tokens; always sent. */
  readonly maxOutputTokens: number;
  /** Of the whole call, from connecting to the last byte. */
  readonly timeoutSeconds: number;
  /** Ends the call at once; it then throws the signal's reason, not a ModelFailure. */
  readonly signal: AbortSignal;
}

/** What one call used and cost. */
export interface ModelUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Rounded up to whole micro-US-dollars. */
  readonly costMicroUsd: number;
  readonly latencyMs: number;
  /** True where the provider did not say: tokens and cost are then an upper bound, since it may have billed that much. */
  readonly isUpperBound: boolean;
}

export interface ModelAnswer extends ModelUsage {
  /** Parsed JSON. It follows the schema if the server keeps its promise: the caller validates it by its own rules. */
  readonly output: JsonValue;
  /** Whether the text was broken JSON that could be repaired; only then is it validated against the schema here. */
  readonly isRepaired: boolean;
  /** A closed word: `stop`, `length`, `other`, … */
  readonly finishReason: string;
}

export type FailureResult = Exclude<AttemptResult, 'ok'>;

/** Who has to act so that the same call can succeed. */
export type Fault = 'provider' | 'network' | 'model' | 'credentials' | 'account' | 'request';

export interface FailureFacts {
  readonly result: FailureResult;
  readonly fault: Fault;
  readonly isRetryable: boolean;
  /** What the provider asked for, in seconds; null where it asked for nothing. */
  readonly retryAfterSeconds: number | null;
  /** The HTTP status; null where there was no answer. */
  readonly status: number | null;
  readonly usage: ModelUsage;
}

/** A call that gave no answer. Its message holds no prompt, key, address or answer, and it has no cause that could. */
export class ModelFailure extends Error {
  override readonly name = 'ModelFailure';
  readonly result: FailureResult;
  readonly fault: Fault;
  /** Whether the same call may succeed later: rate limits, outages, time-outs. Never for what the model answered. */
  readonly isRetryable: boolean;
  readonly retryAfterSeconds: number | null;
  readonly status: number | null;
  /** A failed call can cost: a refusal and a broken answer are billed; a time-out may have been. */
  readonly usage: ModelUsage;

  constructor(message: string, facts: FailureFacts) {
    super(message);
    this.result = facts.result;
    this.fault = facts.fault;
    this.isRetryable = facts.isRetryable;
    this.retryAfterSeconds = facts.retryAfterSeconds;
    this.status = facts.status;
    this.usage = facts.usage;
  }
}

/** What every remote provider of models is to the rest. It retries nothing: Temporal's retry policy is the only one. */
export interface ModelProvider {
  readonly name: string;
  /** The model that is called where a route names none. */
  readonly model: string;
  /** Of a call for which a route sets none. */
  readonly timeoutSeconds: number;
  /** The most that the call can cost, in micro-US-dollars. Throws an UnpricedModelError for a model without a price. */
  upperBoundMicroUsd(call: Pick<ModelCall, 'model' | 'messages' | 'outputSchema' | 'maxOutputTokens'>): number;
  /** Throws a ModelFailure, or the reason of `call.signal` when that was aborted. */
  call(call: ModelCall): Promise<ModelAnswer>;
}
