import { reasonSentence } from '../../contracts/reasonSentences';
import { reviewIdOf } from '../../contracts/words/names';
import type { ReviewState, Round } from '../../contracts/words/task';
import type { TaskRow } from '../../store/taskRow';

/** How a round ended, or the review without one. */
export interface Ending {
  readonly what: 'approved' | 'corrected' | 'declined' | 'sent back' | 'answered by the fallback' | 'cancelled';
  /** An actor's id. */
  readonly by: string | null;
  readonly at: string | null;
}

/** What may be said of a review outside: closed words, numbers, times and ids. Never a text of or about a person. */
export interface ReviewNotice {
  readonly taskId: string;
  readonly reviewId: string;
  /** Of the task: what was said of a lower one may no longer hold. */
  readonly revision: number;
  readonly type: string;
  readonly class: string | null;
  /** In [0, 1]. */
  readonly confidence: number;
  readonly mainReason: string;
  readonly queue: string;
  readonly dueAt: string | null;
  readonly isOverdue: boolean;
  readonly round: number;
  readonly digest: string;
  readonly hasDraft: boolean;
  readonly approvals: { readonly given: number; readonly needed: number };
  /** Null while somebody has to decide. */
  readonly ending: Ending | null;
}

/** Null where nothing was put to review. */
export function reviewNotice(row: TaskRow): ReviewNotice | null {
  const review = row.state?.review;
  const round = review?.rounds.at(-1);
  if (!review || !round) return null;
  const [main] = round.reasons;
  return {
    ...{ taskId: row.id, reviewId: reviewIdOf(row.id), revision: row.revision, type: row.type },
    class: row.state?.class?.name ?? null,
    confidence: round.confidence.score,
    mainReason: main ? reasonSentence(main) : 'A person has to decide.',
    queue: review.queue,
    dueAt: review.dueAt,
    isOverdue: review.isOverdue ?? false,
    round: round.round,
    digest: round.digest,
    hasDraft: round.draft !== null,
    approvals: { given: round.approvals?.length ?? 0, needed: round.needed?.approvals ?? 1 },
    ending: endingOf(row, review, round),
  };
}

const ENDED_BY_ACTION = {
  approve: 'approved',
  correct: 'corrected',
  decline: 'declined',
  revise: 'sent back',
} as const;

function endingOf(row: TaskRow, review: ReviewState, { decision }: Round): Ending | null {
  if (decision) return { what: ENDED_BY_ACTION[decision.action], by: decision.by, at: decision.at };
  if (review.closedBy === 'timeout') return { what: 'answered by the fallback', by: null, at: review.closedAt };
  if (review.status !== 'closed' && row.status !== 'completed') return null;
  return { what: 'cancelled', by: null, at: review.closedAt ?? row.completedAt };
}
