import type { Client } from './client';

/** What one page of a list may hold at most. */
const PAGE_LIMIT = 200;

interface PageOf<T> {
  readonly items: readonly T[];
  /** What is no server of ours may leave it out. */
  readonly nextCursor?: string | null;
}

/** A whole list, as one page, which is the last. What names no further page, or one that was read already, ends it. */
export async function allOf<T>(client: Client, path: string): Promise<PageOf<T>> {
  const items: T[] = [];
  const read = new Set<string>();
  let cursor: string | undefined;
  do {
    if (cursor !== undefined) read.add(cursor);
    const page: PageOf<T> = await client.get(path, { limit: PAGE_LIMIT, ...(cursor !== undefined && { cursor }) });
    items.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && !read.has(cursor));
  return { items, nextCursor: null };
}
