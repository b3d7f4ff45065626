import { APICallError, InvalidResponseDataError, NoObjectGeneratedError } from 'ai';
import type { UnpricedModelError } from './prices';
import { ModelFailure } from './provider';
import type { FailureFacts, Fault, ModelUsage } from './provider';
import type { StrictSchemaError } from './strictSchema';

/** What a failed call is known to have used: nothing, or everything that it could have. */
export interface FailureUsage {
  /** The provider answered that it did nothing, or was never reached. */
  readonly nothing: ModelUsage;
  /** The end of the call is unknown: the provider may have worked, and billed for it. */
  readonly upperBound: ModelUsage;
}

type Verdict = Omit<FailureFacts, 'usage' | 'status' | 'retryAfterSeconds'> & {
  readonly message: string;
  readonly isBilled: boolean;
};

/** A longer wait than this is not believed, in seconds. */
const MAX_RETRY_AFTER_SECONDS = 3_600;

/** No connection was ever made, so nothing can have been billed. */
const NEVER_REACHED = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'],
]);
const GAVE_UP_WAITING = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']);
const NETWORK_CODE =
  /^(?:E(?!RR_)[A-Z_]{2,40}|UND_ERR_(?!INVALID)[A-Z_]{2,40}|HPE_[A-Z_]{2,40}|ERR_(?:TLS|SSL)_[A-Z_]{2,60}|[A-Z_]{0,40}CERT[A-Z_]{0,40})$/;

/**
 * The one place where what a model call threw becomes a ModelFailure. Nothing of the error is kept but its status, its code and
 * what it asks us to wait: the errors of the client library carry the whole prompt and the answer.
 */
export function failureOf(error: unknown, context: { usage: FailureUsage; nowMs: number }): ModelFailure {
  const { message, isBilled, ...facts } = verdictOn(error);
  return new ModelFailure(message, {
    ...facts,
    status: APICallError.isInstance(error) ? (error.statusCode ?? null) : null,
    retryAfterSeconds: APICallError.isInstance(error)
      ? retryAfterSeconds(error.responseHeaders ?? {}, context.nowMs)
      : null,
    usage: isBilled ? context.usage.upperBound : context.usage.nothing,
  });
}

/** The call was not made: its model has no price, or its schema can't be sent. Their messages hold nothing that people wrote. */
export function unsendableFailure(error: UnpricedModelError | StrictSchemaError): ModelFailure {
  const usage = { inputTokens: 0, outputTokens: 0, costMicroUsd: 0, latencyMs: 0, isUpperBound: false };
  return answered(error.message, { result: 'rejected', fault: 'request', isRetryable: false, usage });
}

/** The call took longer than it may. What it cost is unknown. */
export function timeoutFailure(timeoutSeconds: number, usage: ModelUsage): ModelFailure {
  const message = `the model did not answer within ${timeoutSeconds} s. It may be overloaded; the call is tried again or another route is taken.`;
  return answered(message, { result: 'timeout', fault: 'provider', isRetryable: true, usage });
}

/** The model, or a filter before it, declined to answer. Asking again would be billed again. */
export function refusedFailure(usage: ModelUsage): ModelFailure {
  const message = 'the model refused to answer, or a content filter stopped it. A person takes over, or another route.';
  return answered(message, { result: 'refused', fault: 'model', isRetryable: false, usage, status: 200 });
}

/** The model answered with something that is not the JSON it was asked for. */
export function malformedFailure(finishReason: string, usage: ModelUsage): ModelFailure {
  const cure =
    finishReason === 'length'
      ? 'It was cut off: allow more output tokens.'
      : 'Another route is taken, or a person takes over.';
  const message = `the model did not answer with the JSON it was asked for (it ended with "${finishReason}"). ${cure}`;
  return answered(message, { result: 'malformed', fault: 'model', isRetryable: false, usage, status: 200 });
}

function answered(
  message: string,
  facts: Omit<FailureFacts, 'status' | 'retryAfterSeconds'> & { status?: number },
): ModelFailure {
  return new ModelFailure(message, { status: null, ...facts, retryAfterSeconds: null });
}

function verdictOn(error: unknown): Verdict {
  const status = APICallError.isInstance(error) ? (error.statusCode ?? 0) : 0;
  if (APICallError.isInstance(error) && status >= 400) return verdictOnStatus(status, errorCodeOf(error));
  const code = networkCodeOf(error);
  if (code !== null) return connectionLost(code);
  return isNoCompletion(error) ? notAnAnswer() : unexpected();
}

function isNoCompletion(error: unknown): boolean {
  return (
    APICallError.isInstance(error) ||
    NoObjectGeneratedError.isInstance(error) ||
    InvalidResponseDataError.isInstance(error)
  );
}

function verdictOnStatus(status: number, code: string): Verdict {
  if (code === 'content_filter' || code === 'content_policy_violation') return filtered(status);
  if (code === 'insufficient_quota')
    return rejected('account', `the provider refuses calls because the account has no credit left (${status})`);
  if (status === 429) return tryAgain('rate_limited', `the provider's rate limit is reached (${status})`);
  if (status === 408) return { ...tryAgain('timeout', `the provider gave up waiting (${status})`), isBilled: true };
  // A gateway that timed out says nothing of the server behind it, which may have answered and billed.
  if (status === 504)
    return { ...tryAgain('timeout', `a gateway of the provider timed out (${status})`), isBilled: true };
  if (status >= 500 || status === 409) return tryAgain('unavailable', `the provider is not available (${status})`);
  return rejected(
    ...(REJECTIONS[status] ?? [
      'request',
      `the provider refuses the request as wrong (${status}). This is a defect of the prompt, the schema or a limit`,
    ]),
  );
}

const REJECTIONS: Readonly<Record<number, readonly [Fault, string]>> = {
  401: ['credentials', 'the provider refuses the key (401). Set OPENAI_API_KEY to a valid one'],
  402: ['account', 'the provider refuses calls because the account has no credit left (402)'],
  403: [
    'credentials',
    'the provider does not allow this key to make the call (403). Give it the permission, or use another',
  ],
  404: ['request', 'the provider knows no such model or address (404). Check OPENAI_MODEL and OPENAI_BASE_URL'],
};

function rejected(fault: Fault, message: string): Verdict {
  return {
    result: 'rejected',
    fault,
    isRetryable: false,
    isBilled: false,
    message: `${message}. Trying again does not help.`,
  };
}

function tryAgain(result: 'rate_limited' | 'unavailable' | 'timeout', message: string): Verdict {
  return {
    result,
    fault: 'provider',
    isRetryable: true,
    isBilled: false,
    message: `${message}. The call is tried again or another route is taken.`,
  };
}

function filtered(status: number): Verdict {
  const message = `a content filter of the provider stopped the call (${status}). A person takes over, or another route.`;
  return { result: 'refused', fault: 'model', isRetryable: false, isBilled: false, message };
}

function notAnAnswer(): Verdict {
  const message =
    'the server answered with something that is not a chat completion. Check that OPENAI_BASE_URL ends in its version path.';
  return { result: 'malformed', fault: 'provider', isRetryable: false, isBilled: true, message };
}

function connectionLost(code: string): Verdict {
  if (GAVE_UP_WAITING.has(code))
    return { ...tryAgain('timeout', `the provider sent nothing for too long (${code})`), isBilled: true };
  const message = `the connection to the provider failed (${code}). The call is tried again or another route is taken.`;
  return { result: 'unavailable', fault: 'network', isRetryable: true, isBilled: !NEVER_REACHED.has(code), message };
}

function unexpected(): Verdict {
  const message = 'the call could not be made because of a defect of ours. Trying again does not help.';
  return { result: 'rejected', fault: 'request', isRetryable: false, isBilled: true, message };
}

/** The `error.code` of the body: a closed word of the provider. Its message is not kept, since it can quote the prompt. */
function errorCodeOf(error: APICallError): string {
  const { data } = error;
  if (typeof data !== 'object' || data === null || !('error' in data)) return '';
  const inner = data.error;
  return typeof inner === 'object' && inner !== null && 'code' in inner ? String(inner.code) : '';
}

/**
 * The first code of the network, of TLS or of HTTP's framing in a chain of causes. The chain is read by shape and not by
 * `instanceof`: what `fetch` throws can come from another realm than ours.
 */
function networkCodeOf(error: unknown): string | null {
  let current = error;
  for (let depth = 0; typeof current === 'object' && current !== null && depth < 8; depth += 1) {
    if ('code' in current && typeof current.code === 'string' && NETWORK_CODE.test(current.code)) return current.code;
    current = 'cause' in current ? current.cause : null;
  }
  return null;
}

/** `retry-after-ms`, or `retry-after` as seconds or as a date (RFC 9110, 10.2.3); whole seconds, at most an hour. */
export function retryAfterSeconds(headers: Readonly<Record<string, string>>, nowMs: number): number | null {
  const seconds = headerSeconds(headers, nowMs);
  if (seconds === null || !Number.isFinite(seconds)) return null;
  return Math.min(MAX_RETRY_AFTER_SECONDS, Math.max(0, Math.ceil(seconds)));
}

function headerSeconds(headers: Readonly<Record<string, string>>, nowMs: number): number | null {
  const milliseconds = headers['retry-after-ms']?.trim() ?? '';
  if (/^\d{1,12}$/.test(milliseconds)) return Number(milliseconds) / 1_000;
  const value = headers['retry-after']?.trim() ?? '';
  if (/^\d{1,9}(\.\d{1,6})?$/.test(value)) return Number(value);
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : (at - nowMs) / 1_000;
}
