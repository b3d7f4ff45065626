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

export interface ReviewPolicy {
  readonly queue: string;
  /** Seconds after the review was opened. Sorted, ascending. */
  readonly ladder: readonly { readonly kind: 'remind'; readonly afterSeconds: number }[];
  /** What happens when nobody decides. There is no way to say "approve" here. */
  readonly onTimeout:
    | { readonly kind: 'keep_waiting' }
    | { readonly kind: 'fall_back'; readonly afterSeconds: number; readonly digest: string };
  readonly leaseSeconds: number;
  /** After this many rounds a reviewer can no longer send back, only approve, correct or decline. */
  readonly maxRounds: number;
  /** What an hour of a reviewer costs, for the cost on each answer. */
  readonly humanMicroUsdPerHour: number;
}
