import type { ApprovalsNeeded } from './policy';
import type { DecidingRole } from './roles';
import type { Claim, DecisionRecord, ItemAction, TextName } from './task';
import type { Action, CorrectionKind, Scope, Surface } from './vocabulary';

/** Who asks, as the door that let them in knows them. The id is opaque: no name or address enters a history. */
export interface Actor {
  readonly id: string;
  readonly scopes: readonly Scope[];
}

export interface ClaimRequest {
  readonly actor: Actor;
  /** Null: the lease of the task type. */
  readonly leaseSeconds: number | null;
}

export interface ReleaseRequest {
  readonly actor: Actor;
}

export interface AssignRequest extends ClaimRequest {
  /** The actor who is to hold it: known to the API, and allowed to decide. */
  readonly to: string;
  /** What they may do. Absent: asked by an earlier version, which did not say. */
  readonly toScopes?: readonly Scope[];
}

export interface UndoRequest {
  readonly actor: Actor;
}

export interface AskRequest {
  readonly actor: Actor;
  readonly question: TextName;
}

export interface AnswerRequest {
  readonly actor: Actor;
  readonly answer: TextName;
}

export interface DecisionRequest {
  readonly id: string;
  readonly actor: Actor;
  readonly action: Action;
  readonly reviewId: string;
  /** The round that was on the screen; null stands for the one that is open. */
  readonly round: number | null;
  /** The digest of the draft that was decided on. */
  readonly digest: string;
  /** For `correct`: the validated output, stored already, and the digest of the draft it makes. */
  readonly output: {
    readonly text: TextName;
    readonly digest: string;
    /** What a rule of the task type asks for the corrected content; absent: what the policy says. */
    readonly needed?: ApprovalsNeeded;
  } | null;
  readonly guidance: TextName | null;
  readonly note: TextName | null;
  readonly reasonCode: string | null;
  readonly correctionKind: CorrectionKind | null;
  /** Absent: `http`, or `signal` where it came by one. */
  readonly surface?: Surface;
  readonly items?: readonly ItemAction[];
}

export interface CancelRequest {
  readonly actor: Actor;
  readonly reason: TextName | null;
}

export type ClaimResult = Claim;
export type DecisionResult = DecisionRecord;

/** What a refusal tells the one who is refused. Closed words and ids only. */
export interface RefusalDetails {
  readonly decidedBy?: string;
  readonly decidedAction?: Action | 'fall_back';
  readonly decidedAt?: string;
  readonly claimedBy?: string;
  readonly claimedUntil?: string;
  readonly digest?: string;
  readonly round?: number;
  readonly outcome?: string;
  /** The role that is missing. */
  readonly role?: DecidingRole;
  readonly undoUntil?: string;
  /** Whom it is about, where that is not who asked. */
  readonly to?: string;
}

/** Names under which the workflow listens. */
export const CLAIM_UPDATE = 'claim';
export const RELEASE_UPDATE = 'release';
export const EXTEND_UPDATE = 'extend';
export const ASSIGN_UPDATE = 'assign';
export const DECIDE_UPDATE = 'decide';
export const UNDO_UPDATE = 'undo';
export const ASK_UPDATE = 'ask';
export const ANSWER_UPDATE = 'answer';
export const CANCEL_UPDATE = 'cancel';
/** Carries one decision token; anything else is recorded as a refused decision. */
export const DECIDE_SIGNAL = 'decide';
/** Answers the TaskState as the workflow knows it. */
export const STATE_QUERY = 'state';
