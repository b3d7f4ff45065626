import type { DecidingRole } from './roles';

/**
 * The policy snapshot: everything the workflow needs of a task type, resolved once when the task is accepted, as plain
 * JSON. An edit of the task type never changes a run in flight.
 */
export interface PolicySnapshot {
  readonly type: string;
  readonly typeVersion: number;
  /** `p` and 16 hex digits of the SHA-256 of the rest (less the digests) in canonical JSON. Part of every draft's digest. */
  readonly version: string;
  /** The digest of a draft without output and effects: what a review without a draft is bound to. */
  readonly emptyDigest: string;
  readonly integrations: readonly IntegrationPolicy[];
  /** Tried in this order until one gives a draft that passes its checks. */
  readonly routes: readonly RoutePolicy[];
  readonly autonomy: AutonomyPolicy;
  readonly review: ReviewPolicy;
  /** Names of the effects that delivery may ask for, in order. */
  readonly effects: readonly string[];
  /** Names of what has to be still true when a draft is delivered. Absent in snapshots made before there were any. */
  readonly stillTrue?: readonly string[];
}

/** Of what remote models may be asked. Null: no limit. */
export interface SpendingLimit {
  readonly microUsd: number | null;
  readonly calls: number | null;
}

export interface IntegrationPolicy {
  readonly name: string;
  /** A required integration that can't be had sends the task to a person; an optional one only lowers completeness. */
  readonly isRequired: boolean;
  /** Of one attempt. */
  readonly timeoutSeconds: number;
  readonly maxAttempts: number;
}

export interface RoutePolicy {
  readonly name: string;
  /** `embedded`, or the name of a remote provider. */
  readonly provider: string;
  readonly model: string;
  /** A local route only computes: it runs as a local activity. */
  readonly isLocal: boolean;
  /** How often a draft that failed its checks is sent back with what was wrong before the next route is tried. */
  readonly maxRepairs: 0 | 1;
  /** Of one attempt. */
  readonly timeoutSeconds: number;
  readonly maxAttempts: number;
  /** Languages the route can write, BCP 47; null means any. */
  readonly languages: readonly string[] | null;
}

/** The licence of one class to run alone. In this version its owner declares it; it is never the default. */
export interface GrantPolicy {
  readonly id: string;
  readonly class: string;
  /** Confidence at or above which a draft of the class may leave without a person, in (0, 1]. */
  readonly threshold: number;
  /** Probability with which such a draft is reviewed all the same, in [0.01, 1]. */
  readonly auditRate: number;
  readonly by: 'owner';
}

export interface AutonomyPolicy {
  readonly grants: readonly GrantPolicy[];
  /** Classes that never run alone, whatever is granted. */
  readonly never: readonly string[];
}

/** How many people have to approve a draft before it may be delivered, and how many of them have to be approvers. */
export interface ApprovalsNeeded {
  /** Different people, from 1. The submitter is none of them. */
  readonly approvals: number;
  /** Of these, at least so many who hold the role `approver`. */
  readonly approvers: number;
  /** The rule of the task type that asked for more than it usually does; null where none did. */
  readonly rule: string | null;
}

/** The working hours of a queue. Times of the ladder count within them only. */
export interface BusinessHours {
  /** IANA name, such as `Europe/London`. */
  readonly timeZone: string;
  /** By day of the week, 1 (Monday) to 7: from and to as `HH:MM`, local time. A day that is absent is free. */
  readonly days: Readonly<Record<string, { readonly from: string; readonly to: string }>>;
  /** Days off, `YYYY-MM-DD`. */
  readonly holidays: readonly string[];
}

/** One rung of the ladder. None of them can decide. */
export type LadderPolicyRung =
  | { readonly kind: 'remind' | 'overdue'; readonly afterSeconds: number }
  | {
      readonly kind: 'widen';
      readonly afterSeconds: number;
      /** A second queue that the review appears in; null: none. */
      readonly toQueue: string | null;
      /** A further role that may decide; null: none. */
      readonly toRole: DecidingRole | null;
    };

export interface ReviewPolicy {
  readonly queue: string;
  /** Seconds after the review was opened, within business hours where there are any. Sorted, ascending. */
  readonly ladder: readonly LadderPolicyRung[];
  /** What happens when nobody decides. There is no way to say "approve" here. */
  readonly onTimeout:
    | { readonly kind: 'keep_waiting' }
    | { readonly kind: 'fall_back'; readonly afterSeconds: number; readonly digest: string };
  readonly leaseSeconds: number;
  /** After this many rounds a reviewer can no longer send back, only approve, correct or decline. */
  readonly maxRounds: number;
  /** What an hour of a reviewer costs, for the cost on each answer. */
  readonly humanMicroUsdPerHour: number;
  /** For a draft that no rule asks more of. */
  readonly approvals: ApprovalsNeeded;
  /** Who may decide. */
  readonly role: DecidingRole;
  /** Whether only the holder of the claim decides. */
  readonly isClaimRequired: boolean;
  /** How long a decision can be taken back, before it takes effect. 0: not at all. */
  readonly undoSeconds: number;
  /** How long a question to the caller is waited for before the review goes back to people. */
  readonly callerWaitSeconds: number;
  /** Null: every hour counts. */
  readonly hours: BusinessHours | null;
  /** For at least so long a review that people are given back, by a further round or an undo, does not fall back. */
  readonly givenBackSeconds: number;
  /** The share of its time by which a rung may come late, so that those of many reviews don't come at once. */
  readonly jitter: number;
}

/** What a policy snapshot says that was made before it said so. Tasks in flight keep the policy they were accepted under. */
export const REVIEW_POLICY_BEFORE = {
  approvals: { approvals: 1, approvers: 0, rule: null },
  role: 'reviewer',
  isClaimRequired: false,
  undoSeconds: 0,
  callerWaitSeconds: 259_200,
  hours: null,
  givenBackSeconds: 0,
  jitter: 0,
} as const satisfies Partial<ReviewPolicy>;
