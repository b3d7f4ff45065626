import type { Reason, ReviewStatus } from '../contracts/words/vocabulary';
import type { Page, PageRequest } from './page';
import type { TenantTx } from './store';
import type { TaskRow } from './tasks';

export interface ReviewRow {
  readonly id: string;
  readonly taskId: string;
  readonly type: string;
  readonly queue: string;
  /** As it is at the time asked for: a claim that has run out counts as open. */
  readonly status: ReviewStatus;
  readonly class: string | null;
  readonly mainReason: Reason | null;
  readonly reasons: readonly Reason[];
  readonly confidence: number | null;
  readonly priority: number;
  readonly openedAt: string;
  readonly dueAt: string | null;
  readonly claimedBy: string | null;
  readonly claimedUntil: string | null;
  readonly round: number;
  readonly digest: string;
  readonly reminders: number;
  readonly closedAt: string | null;
}

export type ReviewSortKey = 'due' | '-due' | 'age' | '-age' | 'priority' | '-priority';

export interface ReviewFilter {
  readonly status?: readonly ReviewStatus[];
  readonly queue?: string;
  readonly type?: string;
  readonly class?: string;
  readonly reason?: Reason;
  readonly assignee?: string;
  readonly isOverdue?: boolean;
}

export interface ReviewPage extends Page<ReviewRow> {
  /** Of all that match the filter without its status and queue. */
  readonly counts: readonly { readonly queue: string; readonly status: ReviewStatus; readonly count: number }[];
}

/** `now` decides which claims have run out and what is overdue. Default sort: due, -age, priority; without a due time last. */
export declare function listReviews(
  tx: TenantTx,
  request: ReviewFilter & PageRequest & { readonly now: string; readonly sort?: readonly ReviewSortKey[] },
): Promise<ReviewPage>;

/** Reviews that nobody holds, most urgent first (due, priority, age), at most `limit` (default 10). */
export declare function nextReviewCandidates(
  tx: TenantTx,
  request: { readonly queue?: string; readonly now: string; readonly limit?: number },
): Promise<readonly ReviewRow[]>;

export declare function readReview(tx: TenantTx, request: { readonly reviewId: string; readonly now: string }): Promise<ReviewRow | null>;

/** Tasks of the same type and class that a person decided on, latest first. */
export declare function similarDecided(
  tx: TenantTx,
  request: { readonly type: string; readonly class: string; readonly limit: number; readonly exceptTaskId?: string },
): Promise<readonly TaskRow[]>;
