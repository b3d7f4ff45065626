import { sql, type SqlBool } from 'kysely';
import type { DecidingRole } from '../contracts/words/roles';
import type { Reason, ReviewStatus } from '../contracts/words/vocabulary';

export interface ReviewRow {
  readonly id: string;
  readonly taskId: string;
  readonly type: string;
  readonly queue: string;
  /** A second queue that the ladder put it in: it is in the lists and counts of both. */
  readonly alsoQueue: string | null;
  /** As it is at the time asked for: a claim that has run out counts as open. */
  readonly status: ReviewStatus;
  readonly class: string | null;
  readonly mainReason: Reason | null;
  readonly reasons: readonly Reason[];
  readonly confidence: number | null;
  /** 1 (most urgent) to 5. */
  readonly priority: number;
  readonly openedAt: string;
  readonly dueAt: string | null;
  readonly claimedBy: string | null;
  readonly claimedUntil: string | null;
  /** Who gave the claim to its holder; null where the holder took it. */
  readonly assignedBy: string | null;
  readonly round: number;
  readonly digest: string;
  readonly reminders: number;
  readonly closedAt: string | null;
  /** Who may decide; empty in reviews of earlier versions. */
  readonly roles: readonly DecidingRole[];
  /** Of the draft of the newest round. */
  readonly approvalsGiven: number;
  readonly approvalsNeeded: number;
}

/** As they are in the table, with what an order is made of. */
export const REVIEW_COLUMNS = sql.raw(
  `id, task_id, type, queue, also_queue, status, class, main_reason, reasons, confidence, priority, opened_at, due_at,
  claimed_by, claimed_until, assigned_by, round, digest, reminders, closed_at, roles, approvals_given, approvals_needed,
  due_ascending, due_descending`,
);

/** As a ReviewRow: what a claim that has run out says is left out. */
export function shownColumns(now: string) {
  return sql`id, task_id, type, queue, also_queue, ${statusAt(now)} as status, class, main_reason, reasons, confidence, priority,
    opened_at, due_at, ${whileClaimed('claimed_by', now)} as claimed_by, ${whileClaimed('claimed_until', now)} as claimed_until,
    ${whileClaimed('assigned_by', now)} as assigned_by, round, digest, reminders, closed_at, roles, approvals_given, approvals_needed`;
}

/** Of the claim, whatever the status: a review that waits for the caller can be held too. Null where there is none. */
export function hasRunOut(now: string) {
  return sql<SqlBool>`(claimed_until <= ${now}::timestamptz)`;
}

/** What was claimed and is shown as open. */
export function isOpenAgain(now: string) {
  return sql<SqlBool>`(status = 'claimed' and ${hasRunOut(now)})`;
}

export function statusAt(now: string) {
  return sql<ReviewStatus>`case when ${isOpenAgain(now)} then 'open' else status end`;
}

function whileClaimed(column: 'claimed_by' | 'claimed_until' | 'assigned_by', now: string) {
  return sql<string | null>`case when ${hasRunOut(now)} then null else ${sql.ref(column)} end`;
}
