import type { GoldStart } from './gold';
import type { BusinessHours, GrantPolicy, IntegrationPolicy, PolicySnapshot, RoutePolicy } from './policy';
import type { DecisionRequest } from './review';
import type {
  Attempt,
  AuditEvent,
  CallerAnswer,
  CheckResult,
  Classification,
  Confidence,
  DraftRef,
  Evidence,
  GatheredContext,
  Pause,
  Permit,
  ReasonGiven,
  TaskRef,
  TaskState,
  TextName,
} from './task';
import type { WebhookEvent } from './vocabulary';

/** How a task enters its workflow: references and policy, no text. */
export interface TaskStart extends TaskRef {
  readonly typeVersion: number;
  readonly policy: PolicySnapshot;
  /** Who posted it; may not decide on it. */
  readonly submitter: string;
  readonly isReviewRequired: boolean;
  readonly hasCallback: boolean;
  readonly createdAt: string;
  /** What people do is shown only once the history has it. Absent in tasks of earlier versions, which replay without. */
  readonly showsActsFromHistory?: true;
  /** A gold item: what it has in the place of context and draft. Nothing of it is delivered. */
  readonly gold?: GoldStart;
}

export interface ScreenResult {
  /** ISO 639-1; null where it can't be told. */
  readonly language: string | null;
  readonly checks: readonly CheckResult[];
}

export interface GatherRequest {
  readonly ref: TaskRef;
  readonly integration: IntegrationPolicy;
}

export interface DraftRequest {
  readonly ref: TaskRef;
  readonly policyVersion: string;
  readonly route: RoutePolicy;
  readonly class: Classification;
  readonly language: string | null;
  readonly contexts: readonly GatheredContext[];
  readonly version: number;
  /** What a reviewer asked for, when this draft opens a further round. */
  readonly guidance: TextName | null;
  /** What the caller said after the input; absent: nothing. */
  readonly answers?: readonly CallerAnswer[];
  /** The draft that failed, and the checks it failed, when this is a repair. */
  readonly repair: { readonly draft: DraftRef; readonly failed: readonly CheckResult[] } | null;
}

/** A limit of a task type's budget that stands against a model call, with what it counts: micro-US-dollars, or calls. */
export interface BudgetReached {
  readonly per: 'task' | 'day';
  readonly counted: 'micro_usd' | 'calls';
  readonly limit: number;
  /** Reserved or spent by then. */
  readonly spent: number;
  /** What the call would have added, at most. */
  readonly asked: number;
}

export interface DraftResult {
  /** Every model call of the step, those that Temporal repeated too; each may have cost. */
  readonly attempts: readonly Attempt[];
  readonly draft: DraftRef | null;
  /** The maker's own estimate that the draft is right given the class is, in [0, 1]. */
  readonly score: number;
  /** Why there is no draft, where a budget allowed no call, or no repeated one. */
  readonly budgetReached?: BudgetReached;
}

export interface ValidateRequest {
  readonly ref: TaskRef;
  readonly draft: DraftRef;
  readonly class: Classification;
  readonly contexts: readonly GatheredContext[];
  /** What the reviewer asked for whom the draft was made; null in the first round. */
  readonly guidance: TextName | null;
  readonly answers?: readonly CallerAnswer[];
}

export interface JudgeRequest {
  readonly ref: TaskRef;
  readonly grants: readonly GrantPolicy[];
  readonly never: readonly string[];
  readonly class: Classification;
  readonly score: number;
  readonly draft: DraftRef | null;
  readonly isReviewRequired: boolean;
  /** Drawn for audit whatever the lottery says: a gold item, which no grant may let through. Absent: not. */
  readonly isAudit?: boolean;
  /** Reasons that earlier steps gave: any of them ends the way to a grant. */
  readonly reasons: readonly ReasonGiven[];
}

export interface Judgement {
  readonly confidence: Confidence;
  readonly permit: Permit | null;
  readonly reasons: readonly ReasonGiven[];
}

export interface DeliverRequest {
  readonly ref: TaskRef;
  readonly policyVersion: string;
  readonly draft: DraftRef;
  readonly permit: Permit;
  /** What was known of the other systems when the draft was decided on; absent: nothing has to be still true. */
  readonly contexts?: readonly GatheredContext[];
}

/** What is no longer true at delivery: the details of the failure `changed_since_approval`. */
export interface ChangedSinceApproval {
  /** The names of the preconditions that failed, each with what it saw. */
  readonly failed: readonly { readonly name: string; readonly evidence: Evidence }[];
  /** What the other systems say now; takes the place of what they said before. */
  readonly contexts: readonly GatheredContext[];
}

export interface LadderPlanRequest {
  readonly hours: BusinessHours;
  readonly openedAt: string;
  readonly pauses: readonly Pause[];
  readonly afterSeconds: readonly number[];
}

export interface DeliverResult {
  readonly deliveredAt: string;
  /** Each effect and whether the outside world had it already. */
  readonly effects: readonly { readonly name: string; readonly result: 'done' | 'done_before' }[];
}

export interface NotifyRequest {
  readonly ref: TaskRef;
  readonly event: WebhookEvent;
  /** Makes the webhook id: the same event is always sent under the same id. */
  readonly key: string;
}

export interface NotifyResult {
  readonly result: 'delivered' | 'refused';
  readonly status: number | null;
}

export type VerifiedToken =
  | {
      readonly isValid: true;
      /** As it was minted, with what its actor may still do. */
      readonly request: DecisionRequest;
      /** Whether it is refused once it has decided. Absent: by a worker from before; after an undo, it decided again. */
      readonly decidesOnce?: boolean;
    }
  | { readonly isValid: false; readonly why: 'malformed' | 'forged' | 'expired' | 'other_task' };

/** Steps that only compute, and projections. */
export interface LocalSteps {
  screen(ref: TaskRef, answers?: readonly CallerAnswer[]): Promise<ScreenResult>;
  classify(ref: TaskRef, answers?: readonly CallerAnswer[]): Promise<Classification>;
  draftLocally(request: DraftRequest): Promise<DraftResult>;
  validate(request: ValidateRequest): Promise<readonly CheckResult[]>;
  judge(request: JudgeRequest): Promise<Judgement>;
  /** When each rung of a ladder comes, RFC 3339 UTC, counting business hours only. */
  planLadder(request: LadderPlanRequest): Promise<readonly string[]>;
  verifyDecisionToken(ref: TaskRef, token: string): Promise<VerifiedToken>;
  /** Marks a webhook that could not be delivered within its day. */
  parkNotice(notice: NotifyRequest): Promise<void>;
  project(ref: TaskRef, state: TaskState, events: readonly AuditEvent[]): Promise<void>;
}

/** Steps that reach the outside. */
export interface RemoteSteps {
  gather(request: GatherRequest): Promise<GatheredContext>;
  draft(request: DraftRequest): Promise<DraftResult>;
  deliver(request: DeliverRequest): Promise<DeliverResult>;
  notify(request: NotifyRequest): Promise<NotifyResult>;
  /** Does nothing. That it was scheduled ends the workflow task, and what was done in that is in the history. */
  reachHistory(): Promise<void>;
}
