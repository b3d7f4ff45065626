import type { CancellationScope } from '@temporalio/workflow';
import { ApplicationFailure, defineSignal, defineQuery, defineUpdate, setHandler } from '@temporalio/workflow';
import {
  ANSWER_UPDATE,
  ASK_UPDATE,
  ASSIGN_UPDATE,
  CANCEL_UPDATE,
  CLAIM_UPDATE,
  DECIDE_SIGNAL,
  DECIDE_UPDATE,
  EXTEND_UPDATE,
  RELEASE_UPDATE,
  STATE_QUERY,
  UNDO_UPDATE,
  type AnswerRequest,
  type AskRequest,
  type AssignRequest,
  type CancelRequest,
  type ClaimRequest,
  type ClaimResult,
  type DecisionRequest,
  type DecisionResult,
  type ReleaseRequest,
  type UndoRequest,
} from '../contracts/words/review';
import { everyDecision } from '../contracts/words/quorum';
import type { Question, TaskState } from '../contracts/words/task';
import {
  answerMove,
  askMove,
  assignMove,
  claimMove,
  decideMove,
  extendMove,
  type Move,
  releaseMove,
  undoMove,
} from './moves';
import { tell } from './notify';
import { local } from './proxies';
import type { TaskRun } from './taskRun';
import {
  refuseAnswer,
  refuseAssignment,
  refuseAssignmentTo,
  refuseCancellation,
  refuseClaim,
  refuseDecision,
  refuseExtension,
  refuseHold,
  refuseQuestion,
  refuseRelease,
  refuseTaken,
  refuseUndo,
  type Refusal,
  type Situation,
} from './verdict';

const claimUpdate = defineUpdate<ClaimResult, [ClaimRequest]>(CLAIM_UPDATE);
const extendUpdate = defineUpdate<ClaimResult, [ClaimRequest]>(EXTEND_UPDATE);
const assignUpdate = defineUpdate<ClaimResult, [AssignRequest]>(ASSIGN_UPDATE);
const releaseUpdate = defineUpdate<void, [ReleaseRequest]>(RELEASE_UPDATE);
const decideUpdate = defineUpdate<DecisionResult, [DecisionRequest]>(DECIDE_UPDATE);
const undoUpdate = defineUpdate<DecisionResult, [UndoRequest]>(UNDO_UPDATE);
const askUpdate = defineUpdate<Question, [AskRequest]>(ASK_UPDATE);
const answerUpdate = defineUpdate<void, [AnswerRequest]>(ANSWER_UPDATE);
const cancelUpdate = defineUpdate<void, [CancelRequest]>(CANCEL_UPDATE);
const decideSignal = defineSignal<[unknown]>(DECIDE_SIGNAL);
const stateQuery = defineQuery<TaskState>(STATE_QUERY);

/**
 * Lets people claim, decide, ask and cancel. The validators are synchronous: whoever may not is refused before anything is
 * written. Each handler asks again, since several Updates may have been let in together, and changes the state before
 * its first await: of two decisions one takes effect, and the other is told.
 */
export function hearPeople(run: TaskRun, work: CancellationScope): void {
  setHandler(stateQuery, () => run.state);
  hear(run, claimUpdate, {
    refuse: (now, { actor }) => refuseClaim(now, actor),
    refuseAgain: (now, { actor }) => refuseTaken(now, actor),
    move: claimMove,
  });
  hear(run, extendUpdate, {
    refuse: (now, { actor }) => refuseExtension(now, actor),
    refuseAgain: (now, { actor }) => refuseHold(now, actor),
    move: extendMove,
  });
  hear(run, assignUpdate, {
    refuse: refuseAssignmentTo,
    refuseAgain: (now, { actor }) => refuseAssignment(now, actor),
    move: assignMove,
  });
  hear(run, releaseUpdate, {
    refuse: (now, { actor }) => refuseRelease(now, actor),
    move: (now, { actor }) => releaseMove(now, actor.id),
  });
  hear(run, decideUpdate, { refuse: refuseDecision, move: decideMove, isBuiltOn: true });
  hear(run, undoUpdate, { refuse: (now, { actor }) => refuseUndo(now, actor), move: undoMove, isBuiltOn: true });
  hear(run, askUpdate, {
    refuse: (now, { actor }) => refuseQuestion(now, actor),
    move: askMove,
    isBuiltOn: true,
    then: () => {
      run.show();
      tell(run, 'task.needs_input');
    },
  });
  hear(run, answerUpdate, { refuse: (now) => refuseAnswer(now), move: answerMove, isBuiltOn: true });
  setHandler(cancelUpdate, (request) => cancel(run, request, work), {
    validator: (_request) => throwRefusal(refuseCancellation(run.situation)),
  });
  setHandler(decideSignal, (token) => decideBySignal(run, token));
}

/** What an Update asks, who may not, and what it changes. */
interface Hearing<Result, Request> {
  readonly refuse: (situation: Situation, request: Request) => Refusal | null;
  /** What the handler asks again, where that is less: histories hold claims of people who would be refused now. Default: `refuse`. */
  readonly refuseAgain?: (situation: Situation, request: Request) => Refusal | null;
  readonly move: (situation: Situation, request: Request) => Move<Result>;
  /** Once it is in the store, where webhooks read it. */
  readonly then?: () => void;
  /** Whether something follows from it: a delivery, another draft, an end. */
  readonly isBuiltOn?: boolean;
}

function hear<Result, Request>(
  run: TaskRun,
  update: ReturnType<typeof defineUpdate<Result, [Request]>>,
  hearing: Hearing<Result, Request>,
): void {
  const { refuse, refuseAgain = refuse } = hearing;
  setHandler(
    update,
    async (request: Request) => {
      throwRefusal(refuseAgain(run.situation, request));
      if (hearing.isBuiltOn) run.noteAct();
      const result = run.apply(hearing.move(run.situation, request));
      await run.save();
      hearing.then?.();
      return result;
    },
    { validator: (request) => throwRefusal(refuse(run.situation, request)) },
  );
}

async function cancel(run: TaskRun, { actor, reason }: CancelRequest, work: CancellationScope): Promise<void> {
  throwRefusal(refuseCancellation(run.situation));
  run.isCancelling = true;
  run.noteAct();
  run.audit('cancel_requested', { actor: actor.id, facts: { reason } });
  work.cancel();
}

/** A signal can't be answered, so what is wrong with it is recorded instead of thrown. */
async function decideBySignal(run: TaskRun, token: unknown): Promise<void> {
  const verified = typeof token === 'string' ? await local.verifyDecisionToken(run.ref, token) : null;
  if (!verified?.isValid)
    return refuseSignal(run, { actor: 'unknown', code: 'token_invalid', why: verified?.why ?? 'malformed' });
  const request: DecisionRequest = { ...verified.request, surface: 'signal' };
  const { id, actor } = request;
  if (verified.decidesOnce === true && everyDecision(run.state.review).some((each) => each.id === id))
    return refuseSignal(run, { actor: actor.id, code: 'token_invalid', why: 'used' });
  const refusal = refuseDecision(run.situation, request);
  if (refusal) return refuseSignal(run, { actor: actor.id, code: refusal.code, why: 'refused' });
  run.noteAct();
  run.apply(decideMove(run.situation, request));
  await run.save();
}

async function refuseSignal(
  run: TaskRun,
  { actor, code, why }: { actor: string; code: string; why: string },
): Promise<void> {
  run.audit('decision_refused', { actor, facts: { code, why, surface: 'signal' } });
  run.change({});
  await run.save();
}

function throwRefusal(refusal: Refusal | null): void {
  if (refusal === null) return;
  throw ApplicationFailure.create({
    message: refusal.code,
    type: refusal.code,
    nonRetryable: true,
    details: [refusal.details],
  });
}
