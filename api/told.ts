import type { reviewEvent, taskEvent } from '../contracts/http/events';
import type { AnswerOf } from '../contracts/http/operation';
import { type ChangedTask, readChangedTasks } from '../store/changedTasks';
import { type ActorNames, readActorNames } from './actorNames';
import type { ApiDependencies } from './dependencies';
import { nowOf } from './dependencies';

/** A change as it is sent, made once for all who are told. */
export interface Told {
  readonly taskId: string;
  readonly revision: number;
  readonly isCompleted: boolean;
  /** JSON of a TaskEvent. */
  readonly task: string;
  /** JSON of a ReviewEvent; null before there is a review. */
  readonly review: string | null;
}

/** Changes as they are told, with the names of holders. One transaction for all. */
export function toldOf(
  dependencies: ApiDependencies,
  tenant: string,
  taskIds: readonly string[],
): Promise<readonly Told[]> {
  return dependencies.store.inTenant(tenant, async (tx) => {
    const changed = await readChangedTasks(tx, { taskIds, now: nowOf(dependencies) });
    const nameOf = await readActorNames(
      tx,
      changed.map(({ review }) => review?.claimedBy),
    );
    return changed.map((each) => ({
      taskId: each.task.id,
      revision: each.task.revision,
      isCompleted: each.task.status === 'completed',
      task: JSON.stringify(taskEventOf(each)),
      review: each.review === null ? null : JSON.stringify(reviewEventOf(each.task.revision, each.review, nameOf)),
    }));
  });
}

function taskEventOf({ task, review }: ChangedTask): AnswerOf<typeof taskEvent> {
  const { id, revision, status, outcome, classProbability: probability, confidence, completedAt } = task;
  const classOf = task.class === null || probability === null ? null : { name: task.class, probability };
  const reviewOf = review && { id: review.id, status: review.status };
  return { id, revision, status, outcome, class: classOf, confidence, review: reviewOf, completedAt };
}

function reviewEventOf(
  revision: number,
  review: NonNullable<ChangedTask['review']>,
  nameOf: ActorNames,
): AnswerOf<typeof reviewEvent> {
  const {
    id: reviewId,
    taskId,
    type,
    queue,
    alsoQueue,
    status,
    priority,
    claimedBy,
    claimedUntil,
    round,
    dueAt,
  } = review;
  const claimedByName = claimedBy === null ? null : nameOf(claimedBy);
  const place = { reviewId, taskId, type, queue, alsoQueue, status, priority };
  return { ...place, claimedBy, claimedByName, claimedUntil, round, revision, dueAt };
}
