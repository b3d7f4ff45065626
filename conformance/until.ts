import { setTimeout as pause } from 'node:timers/promises';

const EVERY_MS = 50;

/** How long anything is waited for at most, whatever a case says. For a system in memory, which is quick or never comes. */
export const patience = { atMostSeconds: Infinity };

/** Polls until the condition holds, and gives what was read last, whether it holds or not. */
export async function settle<T>(
  read: () => Promise<T> | T,
  isFine: (value: T) => boolean,
  { seconds = 30 }: { seconds?: number } = {},
): Promise<T> {
  const deadline = Date.now() + Math.min(seconds, patience.atMostSeconds) * 1000;
  for (;;) {
    const value = await read();
    if (isFine(value) || Date.now() > deadline) return value;
    await pause(EVERY_MS);
  }
}

/** As `settle`, but it must hold. Calls that fail, since a process is gone, are tried again. */
export async function until<T>(
  what: string,
  read: () => Promise<T> | T,
  { isFine, seconds = 30 }: { isFine: (value: T) => boolean; seconds?: number },
): Promise<T> {
  let failure = '';
  const attempt = async () => {
    try {
      return { value: await read() };
    } catch (error) {
      failure = `; ${(error as Error).message}`;
      return null;
    }
  };
  const last = await settle(attempt, (got) => got !== null && isFine(got.value), { seconds });
  if (last !== null && isFine(last.value)) return last.value;
  throw new Unmet(`${what} did not happen within ${seconds} s${failure}`);
}

/** What a case waited for did not come: the case fails with this as what was observed. */
export class Unmet extends Error {}
