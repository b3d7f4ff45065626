import type { TaskRef, TextName } from '../contracts/words/task';

const LIFETIME_MS = 10_000;
const MAX_CHARACTERS = 16_000_000;
/** A text that is larger is read each time: it would push out everybody else's. */
const MAX_TEXT_CHARACTERS = 1_000_000;

/**
 * Texts that the next step of the same task is about to read again: the steps of a task follow each other within
 * milliseconds. A text under its name never changes, so that a copy is never stale; it is forgotten after ten seconds, so
 * that an erased subject's texts are gone from here as well.
 */
export interface TextCache {
  get(ref: TaskRef, name: TextName): string | undefined;
  put(ref: TaskRef, texts: Readonly<Record<TextName, string>>): void;
}

export function createTextCache(clock: () => Date): TextCache {
  // In order of arrival: the first is the oldest.
  const kept = new Map<string, { readonly text: string; readonly until: number }>();
  let characters = 0;
  const forget = (key: string) => {
    characters -= kept.get(key)?.text.length ?? 0;
    kept.delete(key);
  };
  const tidy = (now: number) => {
    for (const [key, { until }] of kept) {
      if (until > now && characters <= MAX_CHARACTERS) break;
      forget(key);
    }
  };
  return {
    get: (ref, name) => {
      tidy(clock().getTime());
      return kept.get(keyOf(ref, name))?.text;
    },
    put: (ref, texts) => {
      const now = clock().getTime();
      for (const [name, text] of Object.entries(texts)) {
        const key = keyOf(ref, name);
        if (text.length > MAX_TEXT_CHARACTERS || kept.has(key)) continue;
        kept.set(key, { text, until: now + LIFETIME_MS });
        characters += text.length;
      }
      tidy(now);
    },
  };
}

function keyOf({ tenant, taskId }: TaskRef, name: TextName): string {
  return `${tenant}/${taskId}/${name}`;
}
