import type { Client } from './client';

/** What one page of a list may hold at most. */
const PAGE_LIMIT = 200;

interface PageOf<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** A whole list, as one page, which is the last. */
export async function allOf<T>(client: Client, path: string): Promise<PageOf<T>> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const page: PageOf<T> = await client.get(path, { limit: PAGE_LIMIT, ...(cursor !== null && { cursor }) });
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return { items, nextCursor: null };
}
