import { z } from 'zod';
import {
  type JsonObject,
  type JsonValue,
  canonicalJson,
  draftDigest,
  emptyDraftDigest,
  sha256Hex,
} from '../contracts/digest';
import type {
  BusinessHours,
  GrantPolicy,
  LadderPolicyRung,
  PolicySnapshot,
  ReviewPolicy,
  RoutePolicy,
  SpendingLimit,
} from '../contracts/words/policy';
import { OUT_OF_SCOPE, UNCLEAR } from '../contracts/words/vocabulary';
import type { PhoneRegion } from '../guards/phoneNumber';
import type {
  ApprovalRule,
  DraftDefinition,
  Effect,
  Integration,
  Precondition,
  ReviewDefinition,
  RouteDefinition,
  TaskDefinition,
} from './define';
import { definitionProblems } from './definitionProblems';

/** Every default of a task definition. What a process configures for a provider or for people goes before it. */
export const TASK_DEFAULTS = {
  maxInputBytes: 8_388_608,
  languages: ['en'],
  phoneRegions: [],
  integration: { timeoutSeconds: 5, maxAttempts: 3 },
  route: {
    embedded: { maxRepairs: 0, maxAttempts: 2 },
    openai: { maxRepairs: 1, maxAttempts: 4 },
  },
  routeTimeoutSeconds: 60,
  auditRate: 0.05,
  review: {
    leaseSeconds: 300,
    maxRounds: 5,
    approvals: 1,
    approvers: 0,
    role: 'reviewer',
    isClaimRequired: false,
    undoSeconds: 0,
    callerWaitSeconds: 259_200,
  },
  ladderJitter: 0.05,
  humanUsdPerHour: 30,
} as const;

const MICRO_USD = 1_000_000;

type Fixed<T, Keys extends keyof T> = Omit<T, Keys> & { readonly [K in Keys]-?: Exclude<T[K], undefined> };

export type ResolvedIntegration = Fixed<Integration<unknown>, 'timeoutSeconds' | 'maxAttempts'>;
export type ResolvedRoute = Fixed<RouteDefinition, 'maxRepairs' | 'maxAttempts'>;
export type ResolvedReview = Fixed<
  ReviewDefinition<JsonValue>,
  | 'remindAfterSeconds'
  | 'ladder'
  | 'onTimeout'
  | 'leaseSeconds'
  | 'maxRounds'
  | 'approvals'
  | 'approvers'
  | 'role'
  | 'isClaimRequired'
  | 'undoSeconds'
  | 'callerWaitSeconds'
>;

/**
 * A task definition with its defaults, valid. Its types are erased: hand its functions only what `input` or `output` has
 * parsed.
 */
export interface ResolvedTask extends TaskDefinition {
  readonly maxInputBytes: number;
  readonly languages: readonly string[];
  readonly phoneRegions: readonly PhoneRegion[];
  /** Its own classes in order of first mention, then `out_of_scope` and `unclear`. */
  readonly classNames: readonly string[];
  readonly context: readonly ResolvedIntegration[];
  readonly draft: Omit<DraftDefinition<unknown, unknown>, 'routes'> & { readonly routes: readonly ResolvedRoute[] };
  readonly effects: readonly Effect<unknown, unknown>[];
  readonly autonomy: { readonly grants: readonly GrantPolicy[]; readonly never: readonly string[] };
  readonly review: ResolvedReview;
  readonly approvalRules: readonly ApprovalRule<unknown, unknown>[];
  readonly stillTrue: readonly Precondition<unknown, unknown>[];
  readonly spending: { readonly perTask: SpendingLimit; readonly perDay: SpendingLimit };
  /** JSON Schema 2020-12 of what a caller sends. */
  readonly inputSchema: JsonObject;
  /** JSON Schema 2020-12 of what is delivered. */
  readonly outputSchema: JsonObject;
}

/** A task definition that breaks a rule. Each problem names the option, the rule and the cure. */
export class DefinitionError extends Error {
  override readonly name = 'DefinitionError';
  constructor(
    taskType: string,
    readonly problems: readonly string[],
  ) {
    super(`the task type '${taskType}' can not be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}

/** Applies the defaults and validates. Throws a DefinitionError with everything that is wrong at once. */
export function resolveDefinition<Input, Output>(definition: TaskDefinition<Input, Output>): ResolvedTask {
  // The one place where the types of a definition are erased: callers parse with `input` and `output` before they call.
  const erased = definition as unknown as TaskDefinition;
  const classNames = classNamesOf(erased);
  const problems = definitionProblems(erased, classNames);
  if (problems.length > 0) throw new DefinitionError(definition.name, problems);
  return {
    ...erased,
    maxInputBytes: erased.maxInputBytes ?? TASK_DEFAULTS.maxInputBytes,
    languages: erased.languages ?? TASK_DEFAULTS.languages,
    phoneRegions: erased.phoneRegions ?? TASK_DEFAULTS.phoneRegions,
    classNames,
    context: (erased.context ?? []).map((integration) => ({ ...TASK_DEFAULTS.integration, ...integration })),
    draft: { ...erased.draft, routes: erased.draft.routes.map((r) => ({ ...TASK_DEFAULTS.route[r.provider], ...r })) },
    effects: erased.effects ?? [],
    autonomy: { grants: grantsOf(erased), never: erased.autonomy?.never ?? [] },
    review: reviewOf(erased),
    approvalRules: erased.approvalRules ?? [],
    stillTrue: erased.stillTrue ?? [],
    spending: spendingOf(erased),
    inputSchema: jsonSchema(erased.input, 'input'),
    outputSchema: jsonSchema(erased.output, 'output'),
  };
}

function spendingOf({ budget = {} }: TaskDefinition): ResolvedTask['spending'] {
  const limit = (usd: number | undefined, calls: number | undefined): SpendingLimit => ({
    microUsd: usd === undefined ? null : Math.round(usd * MICRO_USD),
    calls: calls ?? null,
  });
  return {
    perTask: limit(budget.perTaskUsd, budget.perTaskCalls),
    perDay: limit(budget.perDayUsd, budget.perDayCalls),
  };
}

function classNamesOf({ classes }: TaskDefinition): readonly string[] {
  const own = classes.kind === 'examples' ? classes.examples.map((example) => example.class) : classes.names;
  const names = new Set(own);
  names.delete(OUT_OF_SCOPE);
  names.delete(UNCLEAR);
  return [...names, OUT_OF_SCOPE, UNCLEAR];
}

function grantsOf({ name, autonomy }: TaskDefinition): readonly GrantPolicy[] {
  return (autonomy?.grants ?? []).map((grant) => ({
    id: `owner/${name}/${grant.class}/${grant.threshold}`,
    class: grant.class,
    threshold: grant.threshold,
    auditRate: grant.auditRate ?? TASK_DEFAULTS.auditRate,
    by: 'owner',
  }));
}

function reviewOf({ review, output }: TaskDefinition): ResolvedReview {
  const onTimeout = review.onTimeout ?? { kind: 'keep_waiting' };
  return {
    ...TASK_DEFAULTS.review,
    ...review,
    remindAfterSeconds: review.remindAfterSeconds ?? [],
    ladder: review.ladder ?? [],
    // What a schema parses may differ from what was written (trimmed, filled in); only the parsed output is ever delivered.
    onTimeout:
      onTimeout.kind === 'fall_back'
        ? { ...onTimeout, output: output.parse(onTimeout.output) as JsonValue }
        : onTimeout,
  };
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  return z.toJSONSchema(schema, { io }) as unknown as JsonObject;
}

export interface PolicyEnvironment {
  /** The configured model of each provider, for routes that name none. */
  readonly defaultModels: Readonly<Record<string, string>>;
  /** The configured time-out of each provider's calls, for routes that name none. */
  readonly defaultTimeoutSeconds?: Readonly<Record<string, number>>;
  /** What an hour of a reviewer costs. Default 30. */
  readonly humanUsdPerHour?: number;
  /** The working hours of each queue that has any. */
  readonly hours?: Readonly<Record<string, BusinessHours>>;
  /** Whether the provider is configured. Routes of others are left out. */
  readonly hasProvider: (provider: string) => boolean;
}

/**
 * What the workflow gets of a task type. `version` is `p` and 16 hex digits of the SHA-256 of the rest in canonical JSON, with
 * the fallback's output in the place of its digest: the digest needs the version, and the version must change with the output.
 */
export function policySnapshot(task: ResolvedTask, environment: PolicyEnvironment): PolicySnapshot {
  const { onTimeout } = task.review;
  const rest = {
    type: task.name,
    typeVersion: task.version,
    integrations: task.context.map(({ name, isRequired, timeoutSeconds, maxAttempts }) => ({
      name,
      isRequired,
      timeoutSeconds,
      maxAttempts,
    })),
    routes: routesOf(task, environment),
    autonomy: task.autonomy,
    effects: task.effects.map((effect) => effect.name),
    stillTrue: task.stillTrue.map((precondition) => precondition.name),
  };
  const review = reviewPolicyOf(task.review, environment);
  const version = `p${sha256Hex(canonicalJson({ ...rest, review: { ...review, onTimeout } })).slice(0, 16)}`;
  return {
    ...rest,
    version,
    emptyDigest: emptyDraftDigest(version),
    review: { ...review, onTimeout: timeoutPolicyOf(onTimeout, version) },
  };
}

function routesOf(
  { draft, languages }: ResolvedTask,
  { defaultModels, defaultTimeoutSeconds = {}, hasProvider }: PolicyEnvironment,
): RoutePolicy[] {
  return draft.routes
    .filter((route) => hasProvider(route.provider))
    .map((route) => ({
      name: routeNameOf(route),
      provider: route.provider,
      model: route.model ?? defaultModels[route.provider] ?? route.provider,
      isLocal: route.provider === 'embedded',
      maxRepairs: route.maxRepairs,
      timeoutSeconds:
        route.timeoutSeconds ?? defaultTimeoutSeconds[route.provider] ?? TASK_DEFAULTS.routeTimeoutSeconds,
      maxAttempts: route.maxAttempts,
      // Approved text and rules are written for the languages of the task type; a remote model writes any.
      languages: route.provider === 'embedded' ? languages : null,
    }));
}

/** `openai`, or `openai/gpt-5-mini` where the route names a model. */
export function routeNameOf({ provider, model }: Pick<RouteDefinition, 'provider' | 'model'>): string {
  return model === undefined ? provider : `${provider}/${model}`;
}

function reviewPolicyOf(review: ResolvedReview, environment: PolicyEnvironment): Omit<ReviewPolicy, 'onTimeout'> {
  const humanUsdPerHour = review.humanUsdPerHour ?? environment.humanUsdPerHour ?? TASK_DEFAULTS.humanUsdPerHour;
  return {
    queue: review.queue,
    ladder: ladderOf(review),
    leaseSeconds: review.leaseSeconds,
    maxRounds: review.maxRounds,
    humanMicroUsdPerHour: Math.round(humanUsdPerHour * MICRO_USD),
    approvals: { approvals: review.approvals, approvers: review.approvers, rule: null },
    role: review.role,
    isClaimRequired: review.isClaimRequired,
    undoSeconds: review.undoSeconds,
    callerWaitSeconds: review.callerWaitSeconds,
    hours: environment.hours?.[review.queue] ?? null,
    givenBackSeconds: review.leaseSeconds,
    jitter: TASK_DEFAULTS.ladderJitter,
  };
}

/** The reminders and the other rungs in the order of their times. */
function ladderOf({ remindAfterSeconds, ladder }: ResolvedReview): LadderPolicyRung[] {
  const rungs = [
    ...remindAfterSeconds.map((afterSeconds): LadderPolicyRung => ({ kind: 'remind', afterSeconds })),
    ...ladder.map((rung): LadderPolicyRung =>
      rung.kind === 'widen' ? { ...rung, toQueue: rung.toQueue ?? null, toRole: rung.toRole ?? null } : rung,
    ),
  ];
  return rungs.sort((one, other) => one.afterSeconds - other.afterSeconds);
}

function timeoutPolicyOf(onTimeout: ResolvedReview['onTimeout'], version: string): ReviewPolicy['onTimeout'] {
  if (onTimeout.kind === 'keep_waiting') return { kind: 'keep_waiting' };
  const digest = draftDigest({ output: onTimeout.output, effects: [] }, version);
  return { kind: 'fall_back', afterSeconds: onTimeout.afterSeconds, digest };
}
