import type { ApprovalsNeeded, LadderPolicyRung } from './policy';
import type { DecidingRole } from './roles';
import type {
  AttemptResult,
  Action,
  CorrectionKind,
  Outcome,
  Reason,
  ReviewStatus,
  Status,
  StepName,
  Surface,
} from './vocabulary';

/** Which task, and whose. */
export interface TaskRef {
  readonly tenant: string;
  readonly taskId: string;
  readonly type: string;
}

/**
 * The name of an encrypted text within its task, such as `input`, `context/crm/<digest>` or `draft/<digest>`. Names of texts that
 * can be made more than once contain the content's digest, so that a late duplicate of a step can't overwrite what was decided on.
 */
export type TextName = string;

/** What a check saw: closed words, numbers, digests and positions. Never text that came from people. */
export type Evidence = {
  readonly [key: string]: string | number | boolean | null | readonly string[] | readonly number[];
};

export interface CheckResult {
  readonly name: string;
  readonly passed: boolean;
  /** The reason for which a failed check sends the task to a person; null where it is only shown to one. */
  readonly reason: Reason | null;
  readonly evidence: Evidence;
}

export interface ReasonGiven {
  readonly reason: Reason;
  readonly step: StepName;
  readonly evidence: Evidence;
}

export interface ClassProbability {
  readonly name: string;
  readonly probability: number;
}

export interface Classification extends ClassProbability {
  /** Distance to the runner-up, in [0, 1]. */
  readonly margin: number;
  readonly runnersUp: readonly ClassProbability[];
  /** How unlike all examples the input is, in [0, 1]. */
  readonly strangeness: number;
  readonly classifier: string;
  readonly calibrator: string;
}

export interface Confidence {
  /** Calibrated probability that the draft is right, in [0, 1]; 0 where there is no draft. */
  readonly score: number;
  readonly calibrator: string;
  /** Proven upper bound of the error rate at this score; null until a statistical grant exists. */
  readonly errorBound: number | null;
}

export interface Attempt {
  readonly provider: string;
  readonly model: string;
  readonly route: string;
  readonly startedAt: string;
  readonly latencyMs: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cached: boolean;
  readonly costMicroUsd: number;
  readonly result: AttemptResult;
}

export interface Cost {
  readonly modelMicroUsd: number;
  readonly humanMicroUsd: number;
  readonly humanSeconds: number;
  readonly totalMicroUsd: number;
}

/** A versioned proposed output, by reference. */
export interface DraftRef {
  /** 1 for the first draft of the task; a repair, a revision or a correction makes the next. */
  readonly version: number;
  readonly digest: string;
  readonly text: TextName;
  /** What a rule of the task type asks for this content; absent: what the policy says. */
  readonly needed?: ApprovalsNeeded;
}

/** What allows a delivery, bound to one digest. */
export interface Permit {
  readonly kind: 'decision' | 'grant' | 'fallback';
  /** Who decided, the grant's id, or `policy`. */
  readonly by: string;
  readonly at: string;
  readonly digest: string;
}

export interface StepRecord {
  readonly name: StepName;
  readonly startedAt: string;
  readonly endedAt: string;
  /** A closed word: `ok`, or what went otherwise. */
  readonly result: string;
  readonly evidence: Evidence;
  readonly costMicroUsd: number;
}

export interface GatheredContext {
  readonly integration: string;
  readonly status: 'ok' | 'unavailable' | 'contract_violation';
  readonly text: TextName | null;
  readonly fetchedAt: string;
  readonly latencyMs: number;
  readonly evidence: Evidence;
}

export interface Claim {
  readonly by: string;
  readonly since: string;
  readonly until: string;
  /** The lead or holder who gave it to them; absent: they took it. */
  readonly assignedBy?: string;
}

export interface ItemAction {
  /** From 0. */
  readonly index: number;
  readonly action: Exclude<Action, 'revise'>;
}

export interface DecisionRecord {
  /** The Idempotency-Key's hash: the Temporal update id. */
  readonly id: string;
  readonly action: Action;
  readonly by: string;
  readonly at: string;
  readonly round: number;
  /** The digest that was on the reviewer's screen. */
  readonly digest: string;
  /** The digest the permit is bound to: the same for approve, the corrected one for correct, null otherwise. */
  readonly permitDigest: string | null;
  readonly output: TextName | null;
  readonly guidance: TextName | null;
  readonly note: TextName | null;
  readonly reasonCode: string | null;
  readonly correctionKind: CorrectionKind | null;
  /** Seconds between the claim (or, unclaimed, the opening of the round capped at the lease) and the decision. */
  readonly humanSeconds: number;
  readonly surface: Surface;
  /** Whether who decided holds the role `approver`. Absent in decisions made before it was asked. */
  readonly asApprover?: boolean;
  /** An approval that is not enough: how many more people have to approve. */
  readonly missing?: number;
  /** What a rule asks for the content of a correction; absent: what the policy says. */
  readonly needed?: ApprovalsNeeded;
  /** Until when it can be taken back; absent: it can't. */
  readonly undoUntil?: string;
  /** By item, where it was decided item by item. */
  readonly items?: readonly ItemAction[];
}

export interface Undone {
  readonly decision: DecisionRecord;
  readonly by: string;
  readonly at: string;
}

/** A question that a reviewer asked the caller. */
export interface Question {
  readonly text: TextName;
  readonly by: string;
  readonly at: string;
  /** `open` until the caller answers; `unanswered` when the wait was given up; `withdrawn` by a decision. */
  readonly status: 'open' | 'answered' | 'unanswered' | 'withdrawn';
}

/** What the caller said after the input. */
export interface CallerAnswer {
  readonly text: TextName;
  readonly by: string;
  readonly at: string;
  /** The question it was taken for; null where it came unasked. */
  readonly question: TextName | null;
}

export interface Round {
  readonly round: number;
  readonly draft: DraftRef | null;
  /** Of the draft; of the empty draft where there is none. A decision must name it. */
  readonly digest: string;
  readonly openedAt: string;
  readonly reasons: readonly ReasonGiven[];
  readonly checks: readonly CheckResult[];
  readonly confidence: Confidence;
  readonly decision: DecisionRecord | null;
  /** What was known of the other systems when the round opened. This and what follows is absent in rounds of earlier versions. */
  readonly contexts?: readonly GatheredContext[];
  readonly needed?: ApprovalsNeeded;
  /** Of this digest, that were not enough by themselves; the decision is the last one. */
  readonly approvals?: readonly DecisionRecord[];
  readonly undone?: readonly Undone[];
  readonly questions?: readonly Question[];
  /** Whether a person made the draft, by a correction in the round before. */
  readonly isCorrection?: boolean;
}

export interface LadderRung {
  readonly kind: LadderPolicyRung['kind'] | 'fall_back';
  readonly at: string;
  readonly doneAt: string | null;
}

/** A time in which the ladder stood still. `to` is null while it does. */
export interface Pause {
  readonly from: string;
  readonly to: string | null;
}

export interface ReviewState {
  readonly id: string;
  readonly status: ReviewStatus;
  readonly queue: string;
  readonly openedAt: string;
  readonly dueAt: string | null;
  readonly claim: Claim | null;
  readonly rounds: readonly Round[];
  readonly ladder: readonly LadderRung[];
  readonly reminders: number;
  readonly closedAt: string | null;
  readonly closedBy: 'decision' | 'timeout' | 'cancellation' | null;
  /** A second queue that the ladder put it in. This and what follows is absent in reviews of earlier versions. */
  readonly alsoQueue?: string | null;
  /** Who may decide, with those that the ladder added. */
  readonly roles?: readonly DecidingRole[];
  readonly isOverdue?: boolean;
  readonly pauses?: readonly Pause[];
}

/** One entry for the audit trail, made by the workflow in order. */
export interface AuditEvent {
  /** Unique within the task; makes the append idempotent. */
  readonly key: string;
  readonly at: string;
  readonly kind: string;
  readonly actor: string;
  readonly facts: Evidence;
}

/** Everything about a task that is asked about. The workflow is its only writer; the store holds a projection of it. */
export interface TaskState {
  /** The Temporal run that says so. After a reset there is another, and what the first one still says counts no more. */
  readonly run: string;
  /** Grows with each change in a run. A projection with a lower revision never replaces one with a higher. */
  readonly revision: number;
  readonly status: Status;
  readonly outcome: Outcome | null;
  readonly language: string | null;
  readonly class: Classification | null;
  readonly confidence: Confidence | null;
  readonly reasons: readonly ReasonGiven[];
  readonly checks: readonly CheckResult[];
  readonly contexts: readonly GatheredContext[];
  readonly draft: DraftRef | null;
  readonly permit: Permit | null;
  /** The text that was delivered; null until then. */
  readonly output: TextName | null;
  readonly attempts: readonly Attempt[];
  readonly cost: Cost;
  readonly steps: readonly StepRecord[];
  readonly review: ReviewState | null;
  readonly completedAt: string | null;
  /** What the caller said after the input, in order. Absent in tasks of earlier versions. */
  readonly answers?: readonly CallerAnswer[];
}
