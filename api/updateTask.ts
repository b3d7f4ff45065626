import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';
import { ApplicationFailure, WorkflowNotFoundError } from '@temporalio/common';
import { assertNever } from '../contracts/words/assertNever';
import { REFUSAL_CODES } from '../contracts/words/errorCodes';
import type { RefusalCode } from '../contracts/words/errorCodes';
import { workflowIdOf } from '../contracts/words/names';
import { ANSWER_UPDATE, CANCEL_UPDATE, UNDO_UPDATE } from '../contracts/words/review';
import type { RefusalDetails } from '../contracts/words/review';
import type { TaskState } from '../contracts/words/task';
import { readTask } from '../store/tasks';
import type { TaskRow } from '../store/taskRow';
import { withNames } from './actorNames';
import type { ApiDependencies } from './dependencies';
import { GRPC_FAILED_PRECONDITION, GRPC_NOT_FOUND, grpcCodeOf } from './grpcCode';
import { ProblemError } from './problems';
import { startAndMark } from './startTask';

const UPDATE_DEADLINE_MS = 5_000;
const PROBE_DEADLINE_MS = 1_000;
const AGAIN_AFTER_MS = 50;

export interface TaskUpdate {
  readonly row: TaskRow;
  /** One of the names in contracts/words/review.ts. */
  readonly update: string;
  readonly request: unknown;
  /** The same id is the same Update, which takes effect once. Default: a new one. */
  readonly updateId?: string;
  /** What to say when it was sent on and nothing came back. Default `unavailable`, for what is simply asked for again. */
  readonly whenUnanswered?: 'not_yet_decided' | 'unavailable';
  /** How long an answer is waited for. Default 5,000. */
  readonly deadlineMs?: number;
}

/**
 * Asks the workflow of a task for something, and gives what it answers. Throws a ProblemError: the refusal's own code;
 * `whenUnanswered` when it was sent on and nothing came back; `unavailable` when Temporal can't be reached.
 */
export async function updateTask<R>(dependencies: ApiDependencies, tenant: string, asked: TaskUpdate): Promise<R> {
  try {
    return await execute<R>(dependencies, tenant, asked);
  } catch (error) {
    const failure = kindOf(error);
    switch (failure.kind) {
      case 'refused':
        if (isBehindStore(failure.code, asked)) throw new ProblemError('unavailable');
        throw new ProblemError(failure.code, { members: await withNames(dependencies, tenant, failure.details) });
      case 'unanswered':
        throw new ProblemError(await codeOfSilence(dependencies, asked));
      case 'unreachable':
        throw new ProblemError('unavailable');
      case 'gone':
        return afterGone<R>(dependencies, tenant, asked);
      case 'unforeseen':
        throw error;
      default:
        return assertNever(failure);
    }
  }
}

/**
 * The store shows the review, and the workflow does not know it: the worker that opened it has died before the history had that, and
 * another one is about to open it again.
 */
function isBehindStore(code: RefusalCode, { row }: TaskUpdate): boolean {
  return code === 'review_unknown' && (row.state?.review ?? null) !== null;
}

/**
 * Asks until the deadline. Temporal fails an Update whose workflow task fails, as when an event comes in while the workflow is
 * ending; nothing has taken effect then, and under the same id it is the same Update.
 */
async function execute<R>(
  { client }: ApiDependencies,
  tenant: string,
  { row, update, request, updateId, deadlineMs = UPDATE_DEADLINE_MS }: TaskUpdate,
): Promise<R> {
  const handle = client.workflow.getHandle(workflowIdOf(tenant, row.id));
  const options = { args: [request] as [unknown], updateId: updateId ?? randomUUID() };
  const deadline = Date.now() + deadlineMs;
  const ask = () => client.connection.withDeadline(deadline, () => handle.executeUpdate<R, [unknown]>(update, options));
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (grpcCodeOf(error) !== GRPC_FAILED_PRECONDITION || Date.now() + AGAIN_AFTER_MS > deadline) throw error;
      await pause(AGAIN_AFTER_MS);
    }
  }
}

type Failure =
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly details: RefusalDetails & Record<string, unknown> }
  | { readonly kind: 'unanswered' | 'unreachable' | 'gone' | 'unforeseen' };

function kindOf(error: unknown): Failure {
  if (error instanceof WorkflowUpdateFailedError) return refusalOf(error);
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return { kind: 'unanswered' };
  if (error instanceof WorkflowNotFoundError) return { kind: 'gone' };
  const code = grpcCodeOf(error);
  if (code === null) return { kind: 'unforeseen' };
  return { kind: code === GRPC_NOT_FOUND ? 'gone' : 'unreachable' };
}

function refusalOf({ cause }: WorkflowUpdateFailedError): Failure {
  if (!(cause instanceof ApplicationFailure)) return { kind: 'unforeseen' };
  const code = REFUSAL_CODES.find((each) => each === cause.type);
  if (code !== undefined)
    return { kind: 'refused', code, details: (cause.details?.[0] ?? {}) as RefusalDetails & Record<string, unknown> };
  return { kind: cause.type === 'AcceptedUpdateCompletedWorkflow' ? 'gone' : 'unforeseen' };
}

async function codeOfSilence(dependencies: ApiDependencies, { whenUnanswered = 'unavailable' }: TaskUpdate) {
  if (whenUnanswered === 'unavailable') return whenUnanswered;
  return (await canBeReached(dependencies)) ? whenUnanswered : 'unavailable';
}

async function canBeReached({ client }: ApiDependencies): Promise<boolean> {
  const ask = () => client.workflowService.getSystemInfo({});
  return client.connection.withDeadline(Date.now() + PROBE_DEADLINE_MS, ask).then(
    () => true,
    () => false,
  );
}

/** There is no workflow that runs: it has ended, or it was never started. */
async function afterGone<R>(dependencies: ApiDependencies, tenant: string, asked: TaskUpdate): Promise<R> {
  const row = await dependencies.store.inTenant(tenant, (tx) => readTask(tx, asked.row.id));
  if (row?.state && row.status === 'completed')
    throw await endedProblem(dependencies, tenant, { state: row.state, asked });
  if (row === null || row.startedAt !== null) throw new ProblemError('unavailable');
  await startAndMark(dependencies, tenant, row).catch(() => {
    throw new ProblemError('unavailable');
  });
  return execute<R>(dependencies, tenant, asked).catch(async (error: unknown) => {
    const failure = kindOf(error);
    throw failure.kind === 'refused'
      ? new ProblemError(failure.code, { members: await withNames(dependencies, tenant, failure.details) })
      : new ProblemError('unavailable');
  });
}

/** The refusal that a task that has ended gives, as its workflow gave it while it could be asked. */
async function endedProblem(
  dependencies: ApiDependencies,
  tenant: string,
  { state: { review, outcome }, asked }: { readonly state: TaskState; readonly asked: TaskUpdate },
): Promise<ProblemError> {
  if (asked.update === CANCEL_UPDATE || asked.update === ANSWER_UPDATE)
    return new ProblemError('task_ended', { members: { outcome } });
  const decision = review?.rounds.at(-1)?.decision;
  if (asked.update === UNDO_UPDATE && decision) return new ProblemError('too_late');
  if (decision) {
    const details = { decidedBy: decision.by, decidedAction: decision.action, decidedAt: decision.at };
    return new ProblemError('already_decided', { members: await withNames(dependencies, tenant, details) });
  }
  if (review?.closedBy === 'timeout') {
    const details = { decidedBy: 'policy', decidedAction: 'fall_back', decidedAt: review.closedAt ?? '' } as const;
    return new ProblemError('already_decided', { members: await withNames(dependencies, tenant, details) });
  }
  return new ProblemError('task_ended', { members: { outcome } });
}
