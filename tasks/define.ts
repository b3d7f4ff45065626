import type { z } from 'zod';
import type { EffectRequest, JsonObject, JsonValue } from '../contracts/digest';
import type { DecidingRole } from '../contracts/words/roles';
import type { CheckResult, Classification, Evidence } from '../contracts/words/task';
import type { PhoneRegion } from '../guards/phoneNumber';

/** One thing an installation can do. Its functions run in activities only; see `policySnapshot` for what the workflow gets. */
export interface TaskDefinition<Input = unknown, Output = unknown> {
  /** Lower-case words with hyphens; unique in the installation. */
  readonly name: string;
  /** Grows with each change of meaning. */
  readonly version: number;
  readonly title: string;
  readonly description: string;
  readonly input: z.ZodType<Input>;
  readonly output: z.ZodType<Output>;
  /** Of the input as canonical JSON. Default 8,388,608. */
  readonly maxInputBytes?: number;
  /** Languages that the task type handles, ISO 639-1. Default ['en']. Others go to a person. */
  readonly languages?: readonly string[];
  /** Regions whose national phone numbers are personal data here; each one takes more order numbers for phones. Default []. */
  readonly phoneRegions?: readonly PhoneRegion[];
  /** The text of the input that is screened and classified. */
  readonly textOf: (input: Input) => string;
  readonly classes: ClassesByExample | ClassesByRule<Input>;
  readonly context?: readonly Integration<Input>[];
  readonly draft: DraftDefinition<Input, Output>;
  readonly checks: readonly DraftCheck<Input, Output>[];
  /** Effects that delivery performs, in order. A draft asks for those whose `request` is not null. */
  readonly effects?: readonly Effect<Input, Output>[];
  readonly autonomy?: { readonly grants?: readonly GrantDefinition[]; readonly never?: readonly string[] };
  readonly review: ReviewDefinition<Output>;
  /** What asks for more eyes than `review.approvals` says; the strictest that applies counts. Default: []. */
  readonly approvalRules?: readonly ApprovalRule<Input, Output>[];
  /** What has to be still true at delivery. Default: []. */
  readonly stillTrue?: readonly Precondition<Input, Output>[];
  /** For drafts that hold a list of things which can be decided one by one. */
  readonly items?: DraftItems<Output>;
  readonly requirements: { readonly accuracy: number; readonly p95Seconds: number; readonly maxCostUsd: number };
  /** What remote models may cost. Default: no limit. */
  readonly budget?: Budget;
}

/**
 * Hard limits: a call that could go over one is not made, and the task goes on by its next route, or to a person. A call counts with
 * the most it can cost until its cost is known. Days are those of UTC.
 */
export interface Budget {
  readonly perTaskUsd?: number;
  /** Of all tasks of this type in a tenant. */
  readonly perDayUsd?: number;
  /** In calls, those that are repeated too. */
  readonly perTaskCalls?: number;
  readonly perDayCalls?: number;
}

export interface ClassesByExample {
  readonly kind: 'examples';
  readonly examples: readonly { readonly text: string; readonly class: string }[];
  readonly outOfScope: boolean;
}

export interface ClassesByRule<Input> {
  readonly kind: 'rules';
  readonly names: readonly string[];
  readonly classify: (input: Input) => Classification;
}

/** Where to reach the other systems, and how to call them. Given by the process, so that definitions hold no addresses. */
export interface IntegrationEnvironment {
  readonly baseUrls: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** A read-only view of another system, through a contract both ways. */
export interface Integration<Input> {
  readonly name: string;
  readonly isRequired: boolean;
  readonly timeoutSeconds?: number;
  readonly maxAttempts?: number;
  /** Seconds for which what was fetched counts as fresh, shown to reviewers. */
  readonly freshSeconds: number;
  /** What the answer must be. A violation is caught at the boundary and shown to the reviewer. */
  readonly contract: z.ZodType;
  /** Makes the call and gives the parsed JSON, unvalidated. Throws what `fetch` throws, or an HttpStatusError. */
  readonly fetch: (input: Input, environment: IntegrationEnvironment) => Promise<unknown>;
}

/** Another system answered with a status that is not a success. 408, 429 and 5xx are tried again; others are not. */
export class HttpStatusError extends Error {
  override readonly name = 'HttpStatusError';
  constructor(
    readonly status: number,
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(`the other system answered with status ${status}`);
  }
}

/** The other system did an effect under its key with other arguments than it is asked for now. It goes to a person. */
export class EffectDoneOtherwiseError extends Error {
  override readonly name = 'EffectDoneOtherwiseError';
  constructor() {
    super('the effect was done under this key with other arguments');
  }
}

/** What drafting and checking are given. `context` has an entry for each integration that could be had. */
export interface DraftMaterial<Input> {
  readonly input: Input;
  readonly class: Classification;
  readonly context: Readonly<Record<string, JsonValue>>;
  /** What a reviewer asked for; null in the first round. */
  readonly guidance: string | null;
  /** What the caller said after the input, in order, each with the question it answers; null where it came unasked. */
  readonly answers: readonly { readonly question: string | null; readonly answer: string }[];
  /** Names of the checks that the previous draft failed, and it, when this is a repair. */
  readonly repair: { readonly output: JsonValue; readonly failed: readonly CheckResult[] } | null;
}

export interface PromptMessage {
  readonly role: 'system' | 'user';
  readonly content: string;
}

export interface DraftDefinition<Input, Output> {
  readonly routes: readonly RouteDefinition[];
  /** The embedded model's draft: approved text, rules and facts; null where it has nothing to say. */
  readonly embedded: (material: DraftMaterial<Input>) => EmbeddedDraft<Output> | null;
  /** Messages for a real model. Untrusted text is marked and kept apart from instructions. */
  readonly prompt: (material: DraftMaterial<Input>) => readonly PromptMessage[];
}

export interface EmbeddedDraft<Output> {
  readonly output: Output;
  /** Own estimate that the draft is right given the class is, in [0, 1]. */
  readonly score: number;
}

export interface RouteDefinition {
  readonly provider: 'embedded' | 'openai';
  /** Default: the configured model of the provider. */
  readonly model?: string;
  readonly maxRepairs?: 0 | 1;
  readonly timeoutSeconds?: number;
  readonly maxAttempts?: number;
}

export interface DraftCheck<Input, Output> {
  readonly name: string;
  /** Evidence holds closed words, numbers, field paths and positions; never the text itself. */
  readonly check: (material: DraftMaterial<Input>, output: Output) => Omit<CheckResult, 'name'>;
}

/** Something that delivery does to the outside world. Its idempotency key is task and effect name. */
export interface Effect<Input, Output> {
  readonly name: string;
  /** In words, for the reviewer: what will happen on approve. */
  readonly describe: (request: EffectRequest) => string;
  /** What to ask of the other system; null for nothing. Part of the draft's digest. */
  readonly request: (input: Input, output: Output) => JsonObject | null;
  /** Performs it once per idempotency key. Throws an EffectDoneOtherwiseError where it was done with other arguments. */
  readonly perform: (
    request: EffectRequest,
    environment: IntegrationEnvironment & { readonly idempotencyKey: string },
  ) => Promise<'done' | 'done_before'>;
  /**
   * Asks the other system whether it was done under this key. Used where an attempt's outcome is unknown: what was done is finished,
   * what was not is judged anew. Without it such an attempt is repeated as it is. Throws an EffectDoneOtherwiseError as `perform` does.
   */
  readonly wasDone?: (
    request: EffectRequest,
    environment: IntegrationEnvironment & { readonly idempotencyKey: string },
  ) => Promise<boolean>;
}

/** Asks for several people by what is in a draft, such as an amount above a limit. Corrections are judged by it, too. */
export interface ApprovalRule<Input, Output> {
  /** Shown to whoever decides. */
  readonly name: string;
  readonly when: (input: Input, output: Output) => boolean;
  /** Different people, from 1 to 5. */
  readonly approvals: number;
  /** Of these, so many approvers. Default 0. */
  readonly approvers?: number;
}

/**
 * Something that was true when the draft was approved and has to be so when it is delivered. It is asked with what the named
 * integrations say now. Where it does not hold, nothing is delivered and the task goes back to a person with what has changed.
 */
export interface Precondition<Input, Output> {
  readonly name: string;
  /** Of `context`; they are read anew for it. */
  readonly integrations: readonly string[];
  /** `then` and `now` have an entry for each named integration that could be had. Evidence holds closed words and numbers. */
  readonly check: (facts: PreconditionFacts<Input, Output>) => { readonly holds: boolean; readonly evidence: Evidence };
}

export interface PreconditionFacts<Input, Output> {
  readonly input: Input;
  readonly output: Output;
  readonly then: Readonly<Record<string, JsonValue>>;
  readonly now: Readonly<Record<string, JsonValue>>;
}

/** How a draft is taken apart for a decision item by item, and put together again. */
export interface DraftItems<Output> {
  readonly of: (output: Output) => readonly JsonValue[];
  /** The output with these items in place of its own, and with whatever follows from them, such as a sum. */
  readonly withItems: (output: Output, items: readonly JsonValue[]) => Output;
}

export interface GrantDefinition {
  readonly class: string;
  /** Fixed confidence in (0, 1] at or above which the class runs alone. */
  readonly threshold: number;
  /** Share that is reviewed all the same, in [0.01, 1]. Default 0.05. */
  readonly auditRate?: number;
}

export interface ReviewDefinition<Output> {
  readonly queue: string;
  /** Rungs of the ladder that remind. Default: [] (nobody is reminded). */
  readonly remindAfterSeconds?: readonly number[];
  /** Further rungs: what is asked of whom when nobody decides. They are climbed by time, with the reminders. Default: []. */
  readonly ladder?: readonly LadderRungDefinition[];
  /** Default: keep_waiting. A fallback is a constant without effects. */
  readonly onTimeout?:
    | { readonly kind: 'keep_waiting' }
    | { readonly kind: 'fall_back'; readonly afterSeconds: number; readonly output: Output };
  readonly leaseSeconds?: number;
  readonly maxRounds?: number;
  /** How many different people have to approve, from 1 to 5. Default 1. */
  readonly approvals?: number;
  /** Of these, how many approvers. Default 0. */
  readonly approvers?: number;
  /** Who may decide. Default: reviewer. */
  readonly role?: DecidingRole;
  /** Whether only the holder of the claim decides. Default false. */
  readonly isClaimRequired?: boolean;
  /** How long a decision can be taken back, 0 to 3600. It takes effect only after that. Default 0. */
  readonly undoSeconds?: number;
  /** How long an answer of the caller is waited for. Default 259,200 (3 days). */
  readonly callerWaitSeconds?: number;
  /** What an hour of a reviewer costs. Default: what is configured (people.costPerHourUsd), else 30. */
  readonly humanUsdPerHour?: number;
}

/** `widen` puts the review before more people: a second queue, a further role, or both. */
export type LadderRungDefinition =
  | { readonly kind: 'remind' | 'overdue'; readonly afterSeconds: number }
  | {
      readonly kind: 'widen';
      readonly afterSeconds: number;
      readonly toQueue?: string;
      readonly toRole?: DecidingRole;
    };

/** Keeps the types of one definition together; `resolveDefinition` applies defaults and validates. */
export function defineTask<Input, Output>(definition: TaskDefinition<Input, Output>): TaskDefinition<Input, Output> {
  return definition;
}
