import { DefaultLogger, type LogLevel, Runtime } from '@temporalio/worker';
import type { Log } from '../platform/log';

const PINO_LEVELS = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
} as const satisfies Record<LogLevel, string>;

/**
 * The SDK's own lines go where ours go, as lines of the same form. Once per process, before the first connection. It
 * ends with the last worker; where there may be none, whoever installs it has to shut it down, or the process goes on.
 */
export function installRuntime(log: Log): Runtime {
  const logger = new DefaultLogger('DEBUG', ({ level, message, meta }) => {
    log[PINO_LEVELS[level]](withoutHandles(meta), message);
  });
  return Runtime.install({ logger, telemetryOptions: { logging: { forward: {}, filter: 'WARN' } } });
}

/** Fields that can be written as they are; the SDK hangs whole errors and options on its lines too. */
function withoutHandles(meta: Record<string | symbol, unknown> = {}): Record<string, unknown> {
  const fields = Object.entries(meta).filter(([, value]) => value instanceof Error || typeof value !== 'object');
  return Object.fromEntries(fields.map(([name, value]) => (value instanceof Error ? ['err', value] : [name, value])));
}
