import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, type ClientConfig, type Pool } from 'pg';

type Warn = (message: string, cause: unknown) => void;
type Listener = (message: string) => void;

/** What processes tell each other: short lines of closed words and opaque ids, worth nothing to whoever was not there. */
export type Topic = 'task_changed' | 'presence';

/** Messages without a line break, at most 2,000 bytes, to the listeners of this process and, with PostgreSQL, of the others. */
export interface Signals {
  subscribe(topic: Topic, listener: Listener): () => void;
  send(topic: Topic, messages: readonly string[]): void;
  /** Calls `listener` when messages of other processes may have been missed, and are heard again. */
  onGap(listener: () => void): () => void;
  close(): Promise<void>;
}

/** Within the process: all that the embedded store needs, since it has one owner. */
export function createLocalSignals(): Signals {
  const listeners = new Map<Topic, Set<Listener>>();
  return {
    subscribe(topic, listener) {
      // A function of its own for each subscription, so that the same listener may subscribe twice.
      const own: Listener = (message) => listener(message);
      listeners.set(topic, (listeners.get(topic) ?? new Set<Listener>()).add(own));
      return () => listeners.get(topic)?.delete(own);
    },
    send(topic, messages) {
      for (const message of messages) for (const listener of listeners.get(topic) ?? []) listener(message);
    },
    onGap: () => () => undefined,
    close: () => Promise.resolve(),
  };
}

const ASK_EVERY_MS = 5_000;

export interface PostgresSignalsOptions {
  readonly warn: Warn;
  /** The connection that listens is asked for an answer so often, and is lost when none came until the next time. Default 5 s. */
  readonly askEveryMs?: number;
}

/**
 * Between processes by NOTIFY, after the commit and not within it: PostgreSQL lets one notifying transaction commit at a time, so
 * that their writes to disk are no longer shared (measured, 20 at once: 1.6 ms a commit against 0.45 ms).
 */
export function createPostgresSignals(
  connection: ClientConfig,
  pool: Pool,
  { warn, askEveryMs = ASK_EVERY_MS }: PostgresSignalsOptions,
): Signals {
  const within = createLocalSignals();
  const gaps = new Set<() => void>();
  const sender = randomBytes(6).toString('hex');
  const notifier = createNotifier(pool, sender, warn);
  const stopListening = listen({ ...connection, query_timeout: askEveryMs }, warn, {
    onPayload: (topic, payload) => {
      const [from, ...messages] = payload.split('\n');
      if (from !== sender) within.send(topic, messages);
    },
    onGap: () => gaps.forEach((listener) => listener()),
  });
  return {
    subscribe: within.subscribe,
    send(topic, messages) {
      within.send(topic, messages);
      notifier.add(topic, messages);
    },
    onGap(listener) {
      const own = () => listener();
      gaps.add(own);
      return () => gaps.delete(own);
    },
    async close() {
      await notifier.close();
      await stopListening();
    },
  };
}

const CHANNELS: Readonly<Record<Topic, string>> = {
  task_changed: 'countersign_task_changed',
  presence: 'countersign_presence',
};
const TOPICS = Object.keys(CHANNELS) as Topic[];
/** A payload has less than 8,000 bytes. */
const MAX_PAYLOAD_BYTES = 7_900;

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;
/** While others can't be told. They find older changes by polling. */
const MAX_PENDING = 10_000;

/** At first 0.1 s, doubling to 5 s. */
const nextRetry = (retryMs: number): number => Math.min(Math.max(FIRST_RETRY_MS, retryMs * 2), LAST_RETRY_MS);

/** One NOTIFY at a time: what is to be told meanwhile goes with the next, and so does what could not be told. */
function createNotifier(pool: Pool, sender: string, warn: Warn) {
  const pending: Record<Topic, string[]> = { task_changed: [], presence: [] };
  let sending: Promise<void> | undefined;
  let isClosing = false;

  async function send(): Promise<void> {
    let retryMs = 0;
    for (;;) {
      const topic = pending.task_changed.length > 0 ? 'task_changed' : 'presence';
      if (pending[topic].length === 0) break;
      const messages = takePayload(pending[topic], MAX_PAYLOAD_BYTES - sender.length);
      try {
        await pool.query('select pg_notify($1, $2)', [CHANNELS[topic], [sender, ...messages].join('\n')]);
        retryMs = 0;
      } catch (error) {
        warn('other processes could not be told of changes; it is tried again, and they find them by polling', error);
        if (isClosing) break;
        pending.task_changed = [...(topic === 'task_changed' ? messages : []), ...pending.task_changed].slice(
          -MAX_PENDING,
        );
        // Who looks at what is said again in a moment.
        pending.presence = [];
        retryMs = nextRetry(retryMs);
        await pause(retryMs);
      }
    }
    sending = undefined;
  }

  return {
    add(topic: Topic, messages: readonly string[]): void {
      pending[topic].push(...messages);
      if (messages.length > 0) sending ??= send();
    },
    /** Resolves when all was told, or could not be told once more. */
    close(): Promise<void> {
      isClosing = true;
      return sending ?? Promise.resolve();
    },
  };
}

/** Takes from the front of `pending` what so many bytes hold with a line break before each, and at least one message. */
function takePayload(pending: string[], maxBytes: number): readonly string[] {
  const lines: string[] = [];
  let bytes = 0;
  do {
    const line = pending.shift() ?? '';
    lines.push(line);
    bytes += 1 + Buffer.byteLength(line);
  } while (pending[0] !== undefined && bytes + 1 + Buffer.byteLength(pending[0]) <= maxBytes);
  return lines;
}

type Listening = ClientConfig & { readonly query_timeout: number };

interface Hearing {
  readonly onPayload: (topic: Topic, payload: string) => void;
  readonly onGap: () => void;
}

/**
 * Listens on a connection of its own, since the pool's come and go, and makes it anew when it is lost: at once, then after 0.1 s,
 * doubling to 5 s. What is notified meanwhile is missed. Gives what ends it.
 */
function listen(connection: Listening, warn: Warn, { onPayload, onGap }: Hearing): () => Promise<void> {
  let isStopped = false;
  let hasGap = false;
  let client: Client | undefined;
  let retry: NodeJS.Timeout | undefined;
  let retryMs = 0;

  function again(lost: Client, cause: unknown): void {
    if (isStopped || lost !== client) return;
    client = undefined;
    hasGap = true;
    warn('the connection that listens for changes was lost; it is made anew', cause);
    void lost.end().catch(() => undefined);
    retry = setTimeout(connect, retryMs);
    retryMs = nextRetry(retryMs);
  }

  function hears(): void {
    retryMs = 0;
    if (hasGap) onGap();
    hasGap = false;
  }

  function connect(): void {
    const made = new Client({ ...connection, keepAlive: true });
    client = made;
    made.on('notification', ({ channel, payload }) => {
      const topic = TOPICS.find((each) => CHANNELS[each] === channel);
      if (topic !== undefined) onPayload(topic, payload ?? '');
    });
    untilLost(made, { askEveryMs: connection.query_timeout, onListening: hears }).catch((error: unknown) =>
      again(made, error),
    );
  }

  connect();
  return async () => {
    isStopped = true;
    clearTimeout(retry);
    await client?.end().catch(() => undefined);
  };
}

/**
 * Connects, listens, and rejects when the connection is lost. One whose other side is gone without a word looks alive for hours, so
 * that the server is asked for an answer again and again.
 */
function untilLost(
  client: Client,
  { askEveryMs, onListening }: { readonly askEveryMs: number; readonly onListening: () => void },
): Promise<never> {
  const lost = new Promise<never>((_, reject) => {
    client.on('error', reject);
    client.on('end', () => reject(new Error('the server ended the connection')));
  });
  const ask = async (): Promise<never> => {
    await client.connect();
    await client.query(TOPICS.map((topic) => `listen ${CHANNELS[topic]}`).join('; '));
    onListening();
    for (;;) {
      await pause(askEveryMs, undefined, { ref: false });
      await client.query('select 1');
    }
  };
  return Promise.race([lost, ask()]);
}
