import type { Store } from '../store/store';

/** A change of a task may be missed while the store's connection is made anew, so that each wait ends and looks again. */
const LOOK_AGAIN_MS = 3_000;

export interface Waiters {
  /** Reads until `isEnough`, for at most so many seconds, and gives what was read last. */
  until<T>(watch: Watch<T>): Promise<T>;
  /** Ends all waits at once; what was read last is answered. */
  close(): void;
}

export interface Watch<T> {
  readonly tenant: string;
  readonly taskId: string;
  readonly seconds: number;
  readonly gone: AbortSignal;
  readonly read: () => Promise<T>;
  readonly isEnough: (value: T) => boolean;
}

/** One subscription for all who wait for an end, however many: each is woken by the end of its own task only. */
export function createWaiters(store: Pick<Store, 'onTaskChanged'>): Waiters {
  const waiting = new Map<string, Set<() => void>>();
  let isClosed = false;
  const unsubscribe = store.onTaskChanged(({ tenant, taskId, isCompleted }) => {
    if (!isCompleted) return;
    for (const wake of waiting.get(`${tenant}/${taskId}`) ?? []) wake();
  });
  const until = async <T>(watch: Watch<T>): Promise<T> => {
    const end = Date.now() + watch.seconds * 1000;
    for (;;) {
      // Subscribed before reading: a change between the two is not lost.
      const change = nextChange(waiting, watch);
      const value = await watch.read().catch((error: unknown) => {
        change.forget();
        throw error;
      });
      const left = end - Date.now();
      if (isClosed || watch.gone.aborted || left <= 0 || watch.isEnough(value)) {
        change.forget();
        return value;
      }
      await change.within(Math.min(left, LOOK_AGAIN_MS * (0.75 + Math.random() / 2)));
    }
  };
  const close = () => {
    isClosed = true;
    unsubscribe();
    for (const wakes of waiting.values()) for (const wake of wakes) wake();
  };
  return { until, close };
}

interface Change {
  within(milliseconds: number): Promise<void>;
  forget(): void;
}

function nextChange(
  waiting: Map<string, Set<() => void>>,
  { tenant, taskId, gone }: Pick<Watch<unknown>, 'tenant' | 'taskId' | 'gone'>,
): Change {
  const key = `${tenant}/${taskId}`;
  const wakes = waiting.get(key) ?? new Set();
  waiting.set(key, wakes);
  let wake: () => void = () => undefined;
  const woken = new Promise<void>((resolve) => (wake = resolve));
  wakes.add(wake);
  gone.addEventListener('abort', wake, { once: true });
  const forget = () => {
    wakes.delete(wake);
    gone.removeEventListener('abort', wake);
    if (wakes.size === 0 && waiting.get(key) === wakes) waiting.delete(key);
  };
  const within = async (milliseconds: number) => {
    const timer = setTimeout(wake, milliseconds);
    await woken;
    clearTimeout(timer);
    forget();
  };
  return { within, forget };
}
