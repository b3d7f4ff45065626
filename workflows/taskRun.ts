import {
  CancellationScope,
  CancelledFailure,
  log,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { SEARCH_ATTRIBUTES } from '../contracts/words/names';
import { type PolicySnapshot, REVIEW_POLICY_BEFORE } from '../contracts/words/policy';
import type { BudgetReached, TaskStart } from '../contracts/words/steps';
import type {
  AuditEvent,
  Attempt,
  CallerAnswer,
  CheckResult,
  Evidence,
  GatheredContext,
  ReasonGiven,
  ReviewState,
  StepRecord,
  TaskRef,
  TaskState,
} from '../contracts/words/task';
import type { Outcome, Reason, StepName } from '../contracts/words/vocabulary';
import { describeState } from './details';
import type { Move } from './moves';
import type { Situation } from './verdict';
import { history, projection } from './proxies';

/** More than the changes that one workflow task makes. */
const REVISIONS_AN_EVENT = 64;

export type Changes = Partial<Omit<TaskState, 'run' | 'revision' | 'steps' | 'cost'>>;

/**
 * The state of one task while it runs, and its only writer. Every change makes a new revision; `save` projects the
 * newest one to the store and returns when it is there.
 */
export class TaskRun {
  readonly ref: TaskRef;
  readonly policy: PolicySnapshot;
  /** True from the moment delivery begins: from then on the task can't be cancelled or decided. */
  isDelivering = false;
  /** True from the moment a cancellation is let in. */
  isCancelling = false;
  /** The maker's own estimate for the newest draft. */
  draftScore = 0;
  /** The limit that stood against a model call while the newest draft was sought. */
  budgetReached: BudgetReached | null = null;

  /** Webhooks that are under way in the background. */
  openNotices = 0;

  /** Where in the jitter of its ladder this run lies, in [0, 1). */
  readonly spread = Math.random();
  private attemptsBeforeDraft = 0;
  /** How many answers of the caller were screened. */
  private screenedAnswers = 0;

  private current: TaskState = { ...INITIAL_STATE, run: workflowInfo().runId };
  private inputChecks: readonly CheckResult[] = [];
  private unsavedEvents: AuditEvent[] = [];
  private eventCount = 0;
  private savedRevision = 0;
  /** How long the history was when somebody acted last. */
  private actedAtEvent: number | null = null;
  private saving: Promise<void> | null = null;

  constructor(readonly start: TaskStart) {
    this.ref = { tenant: start.tenant, taskId: start.taskId, type: start.type };
    this.policy = { ...start.policy, review: { ...REVIEW_POLICY_BEFORE, ...start.policy.review } };
  }

  get state(): TaskState {
    return this.current;
  }

  get outcome(): Outcome {
    if (this.current.outcome === null) throw new TypeError('the task has no outcome yet');
    return this.current.outcome;
  }

  change(changes: Changes): void {
    this.current = { ...this.current, ...changes, revision: this.nextRevision };
  }

  /**
   * Grows with the history, too. A worker may die after it has projected what it did in a workflow task that the server never heard
   * of; whatever is done in its place comes later in the history, and so replaces that in the store.
   */
  private get nextRevision(): number {
    return Math.max(this.current.revision + 1, workflowInfo().historyLength * REVISIONS_AN_EVENT);
  }

  /**
   * Somebody did by an Update what others build on, and the history has that only once the workflow task it came in is over. A claim is
   * no such thing: one that is shown and lost runs out.
   */
  noteAct(): void {
    this.actedAtEvent = workflowInfo().historyLength;
  }

  /** Takes over what a person did. */
  apply<Result>({ changes, event, humanSeconds, result }: Move<Result>): Result {
    this.change(changes);
    this.addCost({ modelMicroUsd: 0, humanSeconds });
    this.audit(event.kind, event);
    return result;
  }

  /**
   * What was waited for may have come in the same moment as the cancellation, and then does not end by it. Whoever cancelled was told
   * that nothing is delivered.
   */
  stopIfCancelling(): void {
    if (this.isCancelling) throw new CancelledFailure('the task is cancelled');
  }

  /** What people's acts are judged by now. */
  get situation(): Situation {
    const { current: state, isDelivering, isCancelling, policy, start } = this;
    const { review } = policy;
    return { state, policy: review, submitter: start.submitter, isDelivering, isCancelling, nowMs: Date.now() };
  }

  /** What the caller said after the input, as far as it was screened: steps are given nothing else. */
  get answers(): readonly CallerAnswer[] {
    return (this.current.answers ?? []).slice(0, this.screenedAnswers);
  }

  /** What the caller said since. */
  get unreadAnswers(): readonly CallerAnswer[] {
    return (this.current.answers ?? []).slice(this.screenedAnswers);
  }

  noteAnswersScreened(): void {
    this.screenedAnswers = this.current.answers?.length ?? 0;
  }

  changeReview(changes: Partial<ReviewState>): void {
    if (this.current.review === null) throw new TypeError('there is no review to change');
    this.change({ review: { ...this.current.review, ...changes } });
  }

  addReason(reason: Reason, from: { step: StepName; evidence: Evidence }): void {
    const given: ReasonGiven = { reason, ...from };
    this.change({ reasons: [...this.current.reasons, given] });
  }

  addAttempt(attempt: Attempt): void {
    this.change({ attempts: [...this.current.attempts, attempt] });
    this.addCost({ modelMicroUsd: attempt.costMicroUsd, humanSeconds: 0 });
  }

  addCost(spent: { modelMicroUsd: number; humanSeconds: number }): void {
    const { cost } = this.current;
    const humanSeconds = cost.humanSeconds + spent.humanSeconds;
    const humanMicroUsd = Math.ceil((humanSeconds * this.policy.review.humanMicroUsdPerHour) / 3600);
    const modelMicroUsd = cost.modelMicroUsd + spent.modelMicroUsd;
    const total = { modelMicroUsd, humanMicroUsd, humanSeconds, totalMicroUsd: modelMicroUsd + humanMicroUsd };
    this.current = { ...this.current, cost: total, revision: this.nextRevision };
  }

  /** What was said of a draft that is being replaced no longer holds. */
  forgetDraft(): void {
    const isAboutDraft = new Set<StepName>(['draft', 'validate', 'judge', 'deliver']);
    const reasons = this.current.reasons.filter((given) => !isAboutDraft.has(given.step));
    this.change({ draft: null, permit: null, confidence: null, reasons, checks: this.inputChecks });
    this.draftScore = 0;
    this.budgetReached = null;
    this.attemptsBeforeDraft = this.current.attempts.length;
  }

  /** Since the newest draft was sought. */
  get attemptsAtDraft(): readonly Attempt[] {
    return this.current.attempts.slice(this.attemptsBeforeDraft);
  }

  /** What other systems say by now takes the place of what they said. What delivery said before of it no longer holds. */
  renewContexts(fresh: readonly GatheredContext[]): void {
    const { contexts, reasons } = this.current;
    const renewed = contexts.map((old) => fresh.find(({ integration }) => integration === old.integration) ?? old);
    this.change({ contexts: renewed, reasons: reasons.filter(({ step }) => step !== 'deliver') });
  }

  /** What was said of the input no longer holds, since the caller has said more. */
  forgetInput(): void {
    const reasons = this.current.reasons.filter(({ step }) => step !== 'screen' && step !== 'classify');
    this.change({ reasons });
  }

  showInputChecks(checks: readonly CheckResult[]): void {
    this.inputChecks = checks;
    this.change({ checks });
  }

  showDraftChecks(checks: readonly CheckResult[]): void {
    this.change({ checks: [...this.inputChecks, ...checks] });
  }

  /** An attempt counts as `invalid` once its draft failed a check. */
  markLastAttempt(result: Attempt['result']): void {
    const attempts = this.current.attempts.map((each, index, all) =>
      index === all.length - 1 ? { ...each, result } : each,
    );
    this.change({ attempts });
  }

  /** For the audit trail; written with the next projection. */
  audit(kind: string, { actor, facts }: { readonly actor: string; readonly facts: Evidence }): void {
    this.eventCount += 1;
    // A run that a reset made says other things under the same count.
    this.unsavedEvents.push({ key: `${this.current.run}/${this.eventCount}/${kind}`, at: now(), kind, actor, facts });
  }

  /** Runs one step and records when, how it ended and what it cost. */
  async step(name: StepName, work: () => Promise<Pick<StepRecord, 'result' | 'evidence'>>): Promise<void> {
    const startedAt = now();
    const costBefore = this.current.cost.modelMicroUsd;
    const { result, evidence } = await work();
    const costMicroUsd = this.current.cost.modelMicroUsd - costBefore;
    this.addStep({ name, startedAt, endedAt: now(), result, evidence, costMicroUsd });
  }

  addStep(record: StepRecord): void {
    this.current = { ...this.current, steps: [...this.current.steps, record], revision: this.nextRevision };
  }

  /** Returns when the store has this revision or a newer one. One projection is under way at a time. */
  async save(): Promise<void> {
    const wanted = this.current.revision;
    while (this.savedRevision < wanted) {
      this.saving ??= this.project().finally(() => (this.saving = null));
      await this.saving;
    }
  }

  /** Makes the state findable and readable in the Temporal UI. */
  show(): void {
    const { status, class: classification, reasons } = this.current;
    upsertSearchAttributes({
      [SEARCH_ATTRIBUTES.status]: [status],
      ...(classification && { [SEARCH_ATTRIBUTES.class]: [classification.name] }),
      ...(reasons[0] && { [SEARCH_ATTRIBUTES.reason]: [reasons[0].reason] }),
    });
    this.describe();
  }

  describe(): void {
    setCurrentDetails(describeState(this.current));
  }

  /**
   * Nobody is shown what somebody did before the history has it: if the worker died in between, the store would tell of a decision
   * that was never made. An activity ends the workflow task, and with it what was done is in the history.
   */
  private project(): Promise<void> {
    const isAhead = this.start.showsActsFromHistory && this.actedAtEvent === workflowInfo().historyLength;
    if (!isAhead) return this.write();
    // Once more where somebody else acted meanwhile.
    return CancellationScope.nonCancellable(() => history.reachHistory()).then(() => this.project());
  }

  private async write(): Promise<void> {
    const state = this.current;
    const events = this.unsavedEvents;
    this.unsavedEvents = [];
    await CancellationScope.nonCancellable(() => projection.project(this.ref, state, events));
    this.savedRevision = state.revision;
    log.debug('projected', { revision: state.revision });
  }
}

/** Workflow time, RFC 3339 UTC. */
export function now(): string {
  return new Date(Date.now()).toISOString();
}

const INITIAL_STATE: Omit<TaskState, 'run'> = {
  revision: 0,
  status: 'running',
  outcome: null,
  language: null,
  class: null,
  confidence: null,
  reasons: [],
  checks: [],
  contexts: [],
  draft: null,
  permit: null,
  output: null,
  attempts: [],
  cost: { modelMicroUsd: 0, humanMicroUsd: 0, humanSeconds: 0, totalMicroUsd: 0 },
  steps: [],
  review: null,
  completedAt: null,
  answers: [],
};
