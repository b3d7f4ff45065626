import type { Target } from './target';
import { call } from './target';

export const SORTS = ['', 'due', '-due', 'age', '-age', 'priority', '-priority'] as const;

/** By name, as query parameters: each filter that there is, narrow and wide, alone and together. */
export const FILTERS: Readonly<Record<string, string>> = {
  none: '',
  open: 'status=open',
  'open, claimed': 'status=open,claimed',
  claimed: 'status=claimed',
  revising: 'status=revising',
  'waiting for the caller': 'status=waiting_for_caller',
  closed: 'status=closed',
  'large queue': 'status=open&queue=support',
  'small queue': 'status=open&queue=fraud',
  'second queue': 'queue=escalations',
  type: 'status=open&type=invoice-extract',
  class: 'status=open&class=class_7',
  'frequent reason': 'reason=autonomy_not_earned',
  'rare reason': 'reason=suspected_injection',
  assignee: 'assignee=key_seeded_1',
  overdue: 'overdue=true',
  'not overdue': 'status=open&overdue=false',
  'overdue in a queue': 'overdue=true&queue=refunds',
  'class, reason, queue': 'status=open&class=class_6&reason=low_confidence&queue=invoices',
};

export interface Measured {
  readonly filter: string;
  readonly sort: string;
  /** Of each page. */
  readonly milliseconds: readonly number[];
}

interface Page {
  readonly nextCursor: string | null;
}

/** Reads page after page, the counts included, until the end or `most` pages. */
export async function readPages(
  target: Target,
  {
    filter,
    sort,
    most,
    limit,
  }: { readonly filter: string; readonly sort: string; readonly most: number; readonly limit: number },
): Promise<Measured> {
  const milliseconds: number[] = [];
  let cursor: string | null = null;
  do {
    const parts = [FILTERS[filter], sort && `sort=${sort}`, `limit=${limit}`, cursor && `cursor=${cursor}`];
    const startedAt = performance.now();
    const page: Page = await call<Page>(target, `GET /v1/reviews?${parts.filter(Boolean).join('&')}`);
    milliseconds.push(performance.now() - startedAt);
    cursor = page.nextCursor;
  } while (cursor !== null && milliseconds.length < most);
  return { filter, sort: sort || 'default', milliseconds };
}
