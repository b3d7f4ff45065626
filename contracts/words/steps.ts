import type { GrantPolicy, IntegrationPolicy, PolicySnapshot, RoutePolicy } from './policy';
import type { DecisionRequest } from './review';
import type {
  Attempt,
  AuditEvent,
  CheckResult,
  Classification,
  Confidence,
  DraftRef,
  GatheredContext,
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
  /** The draft that failed, and the checks it failed, when this is a repair. */
  readonly repair: { readonly draft: DraftRef; readonly failed: readonly CheckResult[] } | null;
}

export interface DraftResult {
  /** Every model call of the step, those that Temporal repeated too; each may have cost. */
  readonly attempts: readonly Attempt[];
  readonly draft: DraftRef | null;
  /** The maker's own estimate that the draft is right given the class is, in [0, 1]. */
  readonly score: number;
}

export interface ValidateRequest {
  readonly ref: TaskRef;
  readonly draft: DraftRef;
  readonly class: Classification;
  readonly contexts: readonly GatheredContext[];
  /** What the reviewer asked for whom the draft was made; null in the first round. */
  readonly guidance: TextName | null;
}

export interface JudgeRequest {
  readonly ref: TaskRef;
  readonly grants: readonly GrantPolicy[];
  readonly never: readonly string[];
  readonly class: Classification;
  readonly score: number;
  readonly draft: DraftRef | null;
  readonly isReviewRequired: boolean;
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
  | { readonly isValid: true; readonly request: DecisionRequest }
  | { readonly isValid: false; readonly why: 'malformed' | 'forged' | 'expired' | 'other_task' };

/** Steps that only compute, and projections. */
export interface LocalSteps {
  screen(ref: TaskRef): Promise<ScreenResult>;
  classify(ref: TaskRef): Promise<Classification>;
  draftLocally(request: DraftRequest): Promise<DraftResult>;
  validate(request: ValidateRequest): Promise<readonly CheckResult[]>;
  judge(request: JudgeRequest): Promise<Judgement>;
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
}
