import { Context } from '@temporalio/activity';
import { type DraftContent, type JsonObject, type JsonValue, canonicalJson, draftDigest } from '../contracts/digest';
import { draftTextOf } from '../contracts/words/names';
import type { ApprovalsNeeded } from '../contracts/words/policy';
import type { BudgetReached, DraftRequest, DraftResult } from '../contracts/words/steps';
import type { Attempt } from '../contracts/words/task';
import type { AttemptResult } from '../contracts/words/vocabulary';
import { shield, unshield } from '../guards/shield';
import { unsendableFailure } from '../models/failures';
import { UnpricedModelError } from '../models/prices';
import { type ModelCall, ModelFailure, type ModelProvider, type ModelUsage } from '../models/provider';
import type { DraftMaterial } from '../tasks/define';
import { neededApprovals } from '../tasks/neededApprovals';
import { requestedEffects } from '../tasks/requestedEffects';
import type { ResolvedTask } from '../tasks/resolve';
import { beating } from './beating';
import { reserveModelCall } from './budget';
import { type StepDependencies, taskTypeOf } from './dependencies';
import { modelFailed, stepFailed } from './failures';
import { keepTexts, loadMaterial } from './material';

/** Enough for every output schema of the shipped task types; always sent, since some providers bill up to their own default. */
const MAX_OUTPUT_TOKENS = 4_096;

/** The embedded model's draft: rules, approved text and facts. It costs nothing and invents nothing. */
export async function draftLocally(dependencies: StepDependencies, request: DraftRequest): Promise<DraftResult> {
  const { clock } = dependencies;
  const startedAt = clock();
  const taskType = taskTypeOf(dependencies, request.ref.type);
  const { material } = await loadMaterial(dependencies, request.ref, request);
  const made = embeddedDraft(taskType, material);
  const usage = {
    inputTokens: 0,
    outputTokens: 0,
    costMicroUsd: 0,
    latencyMs: clock().getTime() - startedAt.getTime(),
  };
  const attempt = attemptOf(request, { startedAt, usage, result: made ? 'ok' : 'no_draft' });
  if (!made) return { attempts: [attempt], draft: null, score: 0 };
  return {
    attempts: [attempt],
    ...(await keep(dependencies, request, { material, output: made.output as JsonValue })),
    score: made.score,
  };
}

/**
 * A draft by a remote model, or the budget that does not allow the call. Known personal data is replaced by tokens before the prompt
 * is made and put back into the answer. The call beats while it waits, and ends when the task is cancelled.
 */
export async function draft(dependencies: StepDependencies, request: DraftRequest): Promise<DraftResult> {
  const taskType = taskTypeOf(dependencies, request.ref.type);
  const provider = dependencies.providers.get(request.route.provider);
  if (!provider) throw new Error(`the provider ${request.route.provider} is not configured on this worker`);
  const { material } = await loadMaterial(dependencies, request.ref, request);
  const question = { taskType, material, request, startedAt: dependencies.clock(), before: attemptsBefore() };
  const asked = await beating(() => askModel(dependencies, provider, question), question.before);
  if ('reached' in asked) return { attempts: question.before, draft: null, score: 0, budgetReached: asked.reached };
  const { output, attempts } = asked;
  return { attempts, ...(await keep(dependencies, request, { material, output })), score: 1 };
}

interface Question {
  readonly taskType: ResolvedTask;
  readonly material: DraftMaterial<unknown>;
  readonly request: DraftRequest;
  readonly startedAt: Date;
  readonly before: readonly Attempt[];
}

/** What the tries of this step did that Temporal has repeated: each leaves it behind, since it may have cost. */
function attemptsBefore(): readonly Attempt[] {
  return (Context.current().info.heartbeatDetails as readonly Attempt[] | undefined) ?? [];
}

/** Reserves the call on its budgets, makes it and settles it; a repeated attempt reserves anew, since the one before may be billed. */
async function askModel(
  dependencies: StepDependencies,
  provider: ModelProvider,
  question: Question,
): Promise<{ output: JsonValue; attempts: readonly Attempt[] } | { reached: BudgetReached }> {
  const { taskType, request } = question;
  const { call, tokens } = callFor(question);
  const upperBoundMicroUsd = upperBoundOf(provider, { call, question });
  const reserved = await reserveModelCall(dependencies, { ref: request.ref, taskType, upperBoundMicroUsd });
  if ('reached' in reserved) return reserved;
  try {
    const answer = await provider.call(call);
    const attempts = note(question, { usage: answer, result: 'ok' });
    await reserved.settle(answer.costMicroUsd);
    return { output: unshield(answer.output, tokens), attempts };
  } catch (error) {
    if (!(error instanceof ModelFailure)) throw error;
    const attempts = note(question, error);
    await reserved.settle(error.usage.costMicroUsd);
    throw modelFailed(error, attempts);
  }
}

/** With known personal data replaced by tokens, and what they stand for. */
function callFor({ taskType, material, request }: Question) {
  const { class: classification, ...texts } = material;
  const { value, tokens } = shield(texts as unknown as JsonObject, taskType);
  const shielded = { class: classification, ...(value as unknown as typeof texts) };
  const call: ModelCall = {
    model: request.route.model,
    messages: taskType.draft.prompt(shielded),
    outputSchema: { name: taskType.name, schema: taskType.outputSchema },
    maxOutputTokens: MAX_OUTPUT_TOKENS,
    timeoutSeconds: request.route.timeoutSeconds,
    signal: Context.current().cancellationSignal,
  };
  return { call, tokens };
}

function upperBoundOf(
  provider: ModelProvider,
  { call, question }: { readonly call: ModelCall; readonly question: Question },
): number {
  try {
    return provider.upperBoundMicroUsd(call);
  } catch (error) {
    if (!(error instanceof UnpricedModelError)) throw error;
    const failure = unsendableFailure(error);
    throw modelFailed(failure, note(question, failure));
  }
}

/** All attempts of this step with this one, left behind for the next, too. */
function note(
  { before, request, startedAt }: Question,
  { usage, result }: { readonly usage: ModelUsage; readonly result: AttemptResult },
): readonly Attempt[] {
  const attempts = [...before, attemptOf(request, { startedAt, usage, result })];
  Context.current().heartbeat(attempts);
  return attempts;
}

function embeddedDraft(taskType: ResolvedTask, material: DraftMaterial<unknown>) {
  try {
    return taskType.draft.embedded(material);
  } catch (error) {
    throw stepFailed('draft', error);
  }
}

/** Keeps the draft under a name that holds its digest, with the effects that it asks for. */
async function keep(
  dependencies: StepDependencies,
  request: DraftRequest,
  { material, output }: { material: DraftMaterial<unknown>; output: JsonValue },
): Promise<Pick<DraftResult, 'draft'>> {
  const { ref, policyVersion, version } = request;
  const { effects, needed } = askedFor(dependencies.taskTypes.get(ref.type), material, output);
  const content: DraftContent = { output, effects };
  const digest = draftDigest(content, policyVersion);
  const text = draftTextOf(digest);
  await keepTexts(dependencies, ref, { [text]: canonicalJson(content) });
  return { draft: { version, digest, text, ...(needed && { needed }) } };
}

interface AskedFor {
  readonly effects: DraftContent['effects'];
  readonly needed: ApprovalsNeeded | null;
}

/**
 * What a valid output asks of the outside world, and of people by a rule. One that breaks its schema asks for nothing, and fails its
 * first check.
 */
function askedFor(taskType: ResolvedTask | undefined, material: DraftMaterial<unknown>, output: JsonValue): AskedFor {
  const parsed = taskType?.output.safeParse(output);
  if (!taskType || !parsed?.success) return { effects: [], needed: null };
  const facts = { input: material.input, output: parsed.data };
  return { effects: requestedEffects(taskType, facts), needed: neededApprovals(taskType, facts) };
}

function attemptOf(
  { route }: DraftRequest,
  made: {
    startedAt: Date;
    usage: Pick<Attempt, 'inputTokens' | 'outputTokens' | 'costMicroUsd' | 'latencyMs'>;
    result: AttemptResult;
  },
): Attempt {
  const { inputTokens, outputTokens, costMicroUsd, latencyMs } = made.usage;
  const spent = { latencyMs, inputTokens, outputTokens, cached: false, costMicroUsd };
  const { provider, model, name } = route;
  return { provider, model, route: name, startedAt: made.startedAt.toISOString(), ...spent, result: made.result };
}
