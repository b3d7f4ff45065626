import { Client, type ClientConfig } from 'pg';
import type { TaskChange } from './store';

/** What a projection notifies on, with `<tenant>/<taskId>/<revision>`. */
export const TASK_CHANGED_CHANNEL = 'countersign_task_changed';

export function taskChangePayload(change: TaskChange): string {
  return `${change.tenant}/${change.taskId}/${change.revision}`;
}

export interface TaskChanges {
  subscribe(listener: (change: TaskChange) => void): () => void;
  announce(payload: string | undefined): void;
}

export function createTaskChanges(): TaskChanges {
  const listeners = new Set<(change: TaskChange) => void>();
  return {
    subscribe(listener) {
      // A function of its own for each subscription, so that the same listener may subscribe twice.
      const own = (change: TaskChange): void => listener(change);
      listeners.add(own);
      return () => listeners.delete(own);
    },
    announce(payload) {
      const [tenant, taskId, revision] = payload?.split('/') ?? [];
      if (tenant === undefined || taskId === undefined) return;
      for (const listener of listeners) listener({ tenant, taskId, revision: Number(revision) });
    },
  };
}

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;

/**
 * Listens on a connection of its own, since the pool's come and go, and makes it anew when it is lost: at once, then after 0.1 s,
 * doubling to 5 s. What is notified meanwhile is missed. Gives what ends it.
 */
export function listenByPostgres(
  connection: ClientConfig,
  changes: TaskChanges,
  warn: (message: string, cause: unknown) => void,
): () => Promise<void> {
  let isStopped = false;
  let client: Client | undefined;
  let retry: NodeJS.Timeout | undefined;
  let retryMs = 0;

  function again(lost: Client, cause: unknown): void {
    if (isStopped || lost !== client) return;
    client = undefined;
    warn('the connection that listens for changes was lost; it is made anew', cause);
    void lost.end().catch(() => undefined);
    retry = setTimeout(connect, retryMs);
    retryMs = Math.min(Math.max(FIRST_RETRY_MS, retryMs * 2), LAST_RETRY_MS);
  }

  function connect(): void {
    const made = new Client({ ...connection, keepAlive: true });
    client = made;
    made.on('error', (error) => again(made, error));
    made.on('end', () => again(made, new Error('the server ended the connection')));
    made.on('notification', ({ payload }) => changes.announce(payload));
    made
      .connect()
      .then(() => made.query(`listen ${TASK_CHANGED_CHANNEL}`))
      .then(() => (retryMs = 0))
      .catch((error: unknown) => again(made, error));
  }

  connect();
  return async () => {
    isStopped = true;
    clearTimeout(retry);
    await client?.end().catch(() => undefined);
  };
}
