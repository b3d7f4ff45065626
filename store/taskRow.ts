import type { TaskState } from '../contracts/words/task';
import type { Outcome, Status } from '../contracts/words/vocabulary';

/** A task as it is asked for. */
export interface TaskRow {
  readonly id: string;
  readonly type: string;
  readonly typeVersion: number;
  readonly policyVersion: string;
  readonly bodyHash: string;
  /** 1 (most urgent) to 5. */
  readonly priority: number;
  readonly submitter: string;
  readonly isReviewRequired: boolean;
  readonly hasCallback: boolean;
  readonly createdAt: string;
  /** Null until its workflow is known to be started. */
  readonly startedAt: string | null;
  readonly revision: number;
  readonly status: Status;
  readonly outcome: Outcome | null;
  readonly completedAt: string | null;
  /** Null until the first projection. */
  readonly state: TaskState | null;
  /** Whether it is a gold item, which nobody posted. */
  readonly isGold: boolean;
}

export const TASK_ROW_COLUMNS = [
  'id',
  'type',
  'typeVersion',
  'policyVersion',
  'bodyHash',
  'priority',
  'submitter',
  'isReviewRequired',
  'hasCallback',
  'createdAt',
  'startedAt',
  'revision',
  'status',
  'outcome',
  'completedAt',
  'state',
  'isGold',
] as const satisfies readonly (keyof TaskRow)[];
