import pino from 'pino';
import type { DestinationStream, Logger, LoggerOptions } from 'pino';

export type Log = Logger;

/**
 * What must never be written, wherever it turns up. Requests are logged by `api/requestLog.ts`, which picks fields instead of
 * leaving some out; this is the second line.
 */
const REDACTED = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'token',
  'apiKey',
  'masterKey',
  'input',
  'output',
  'body',
  'message.content',
  'databaseUrl',
].flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

export interface LogSettings {
  readonly level: string;
  /** The process, as a field of each line. */
  readonly process: string;
  /** Default: standard output. */
  readonly destination?: DestinationStream;
}

/** One line of JSON per event, UTC, without host name or process id, with secrets and texts removed. */
export function createLog({ level, process, destination }: LogSettings): Log {
  const options: LoggerOptions = {
    level,
    base: { process },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: REDACTED, censor: '[removed]' },
    serializers: { err: briefError },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/**
 * Name, code, message's first line and stack, and the same of its causes. Fields that libraries hang on their errors (requests,
 * queries with their parameters) stay out.
 */
function briefError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return { message: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return {
    name: error.name,
    code,
    message: error.message.split('\n', 1)[0],
    stack: error.stack,
    cause: error.cause === undefined || depth === 3 ? undefined : briefError(error.cause, depth + 1),
  };
}
