import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../platform/log';
import { SendingError } from '../../platform/notify/SendingError';
import { type AttemptEnd, endAttempt, type NotificationRow, takeDueNotifications } from '../../store/outbox';
import { listTenants } from '../../store/tenants';
import { type Sending, sendNotification } from './sendNotification';

export interface NotifierSettings {
  /** Mean time between two looks at the outbox, when nothing changes; each is a quarter earlier or later. Default 2. */
  readonly everySeconds?: number;
  /** How long a row is a sender's own; longer than any attempt takes. Default 120. */
  readonly leaseSeconds?: number;
  /** Before the second attempt, doubled each time. Default 10. */
  readonly firstPauseSeconds?: number;
  /** Default 3600. */
  readonly maxPauseSeconds?: number;
  /** From the event on; then it is parked. Default 86400. */
  readonly giveUpAfterSeconds?: number;
}

export interface Notifier {
  /** Sends what is due now. Gives how many attempts were made. */
  run(): Promise<number>;
  /** Ends after the attempts that are under way. */
  close(): Promise<void>;
}

interface Context extends Sending {
  readonly log: Log;
  readonly settings: Required<NotifierSettings>;
}

const DEFAULTS: Required<NotifierSettings> = {
  everySeconds: 2,
  leaseSeconds: 120,
  firstPauseSeconds: 10,
  maxPauseSeconds: 3_600,
  giveUpAfterSeconds: 86_400,
};
/** As many as are sent at once, so that none waits while its lease runs. */
const TAKEN_AT_ONCE = 5;
/** Between two looks, however much changes. */
const MIN_PAUSE_MS = 200;

/** Sends what is in the outbox, until it is closed. Any number of processes may run one. */
export function startNotifier(sending: Sending & { readonly log: Log }, settings: NotifierSettings = {}): Notifier {
  const context: Context = { ...sending, settings: { ...DEFAULTS, ...settings } };
  const stop = new AbortController();
  const bell = createBell(stop.signal);
  const unsubscribe = sending.store.onTaskChanged(bell.ring);
  const run = () => sendDue(context, stop.signal);
  const running = (async () => {
    while (!stop.signal.aborted) {
      const heard = bell.next(context.settings.everySeconds);
      await run().catch((error: unknown) => sending.log.warn({ err: error }, 'looking at the outbox failed'));
      await Promise.all([heard, sleep(MIN_PAUSE_MS, undefined, { signal: stop.signal }).catch(() => undefined)]);
    }
  })();
  const close = () => {
    unsubscribe();
    stop.abort();
    return running;
  };
  return { run, close };
}

/** Wakes whoever waits when something changed, and else after a while. */
function createBell(stopped: AbortSignal): { ring(): void; next(seconds: number): Promise<void> } {
  let wake = new AbortController();
  return {
    ring: () => wake.abort(),
    next: async (seconds) => {
      wake = new AbortController();
      const signal = AbortSignal.any([wake.signal, stopped]);
      await sleep(seconds * 1000 * jitter(), undefined, { signal, ref: false }).catch(() => undefined);
    },
  };
}

async function sendDue(context: Context, stopped: AbortSignal): Promise<number> {
  let attempts = 0;
  for (const { id: tenant } of await context.store.asSystem(listTenants)) {
    for (;;) {
      if (stopped.aborted) return attempts;
      const rows = await take(context, tenant);
      if (rows.length === 0) break;
      attempts += rows.length;
      await Promise.all(rows.map((row) => attempt(context, tenant, row)));
    }
  }
  return attempts;
}

function take({ store, clock, settings }: Context, tenant: string): Promise<readonly NotificationRow[]> {
  const now = clock().getTime();
  const until = new Date(now + settings.leaseSeconds * 1000).toISOString();
  const lease = { at: new Date(now).toISOString(), until, limit: TAKEN_AT_ONCE };
  return store.inTenant(tenant, (tx) => takeDueNotifications(tx, lease));
}

async function attempt(context: Context, tenant: string, row: NotificationRow): Promise<void> {
  const { store, clock, log } = context;
  const { id, taskId, channel, kind } = row;
  const end = await sendNotification(context, tenant, row).then(
    (state) => ({ state }),
    (error: unknown) => endOfFailed(context, row, error),
  );
  if (end.state === 'parked')
    log.error({ id, taskId, channel, kind, failure: end.failure }, 'a notification is parked');
  await store.inTenant(tenant, (tx) => endAttempt(tx, row, { end, at: clock().toISOString() }));
}

/** What is refused for good, and what was tried for its whole time, is parked; all else is tried again later. */
function endOfFailed({ settings, clock, log }: Context, row: NotificationRow, error: unknown): AttemptEnd {
  const { id, taskId, channel, kind, attempts, triedSince } = row;
  const { failure, retryAfterSeconds } = error instanceof SendingError ? error : new SendingError('internal');
  log.warn({ err: error, id, taskId, channel, kind, attempts, failure }, 'a notification was not sent');
  const now = clock().getTime();
  const isOver = now - Date.parse(triedSince) >= settings.giveUpAfterSeconds * 1000;
  if (failure === 'refused' || isOver) return { state: 'parked', failure };
  // As long as it was tried already, so that the pauses double; what somebody sends again begins anew.
  const growing = Math.max(settings.firstPauseSeconds, (now - Date.parse(triedSince)) / 1000);
  const pauseSeconds = Math.max(Math.min(growing, settings.maxPauseSeconds) * jitter(), retryAfterSeconds ?? 0);
  return { state: 'pending', failure, dueAt: new Date(now + pauseSeconds * 1000).toISOString() };
}

/** From 0.75 to 1.25. */
function jitter(): number {
  return 0.75 + Math.random() / 2;
}
