import { setImmediate } from 'node:timers/promises';

/** Longest stretch, in milliseconds, that training holds the event loop. */
const MAX_HELD_MS = 15;

/** Gives a promise to await when the event loop has been held long enough, and undefined (at next to no cost) before. */
export type Breathe = () => Promise<void> | undefined;

/** Lets a server answer while a long computation runs on its thread: await what it returns, often. */
export function breather(): Breathe {
  let since = performance.now();
  return () => {
    if (performance.now() - since < MAX_HELD_MS) return undefined;
    return setImmediate().then(() => {
      since = performance.now();
    });
  };
}
