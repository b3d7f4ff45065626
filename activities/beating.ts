import { Context } from '@temporalio/activity';

const HEARTBEAT_EVERY_MS = 5_000;

/**
 * Tells Temporal while the work goes on that this worker lives, so that another takes over soon after it doesn't. `details` is
 * what that one finds as `heartbeatDetails`.
 */
export async function beating<T>(work: () => Promise<T>, details?: unknown): Promise<T> {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(details), HEARTBEAT_EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
  }
}
