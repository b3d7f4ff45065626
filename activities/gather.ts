import { Context } from '@temporalio/activity';
import { canonicalJson, sha256Hex } from '../contracts/digest';
import { contextTextOf } from '../contracts/words/names';
import type { GatherRequest } from '../contracts/words/steps';
import type { Evidence, GatheredContext, TaskRef } from '../contracts/words/task';
import type { ResolvedIntegration } from '../tasks/resolve';
import { type StepDependencies, taskTypeOf } from './dependencies';
import { integrationFailed } from './failures';
import { keepTexts, loadSubmission } from './material';

/** Reads one integration through its contract. An answer that breaks the contract is a result, not an error. */
export async function gather(
  dependencies: StepDependencies,
  { ref, integration }: GatherRequest,
): Promise<GatheredContext> {
  const taskType = taskTypeOf(dependencies, ref.type);
  const declared = taskType.context.find(({ name }) => name === integration.name);
  if (!declared) throw new Error(`the task type ${ref.type} no longer declares the integration ${integration.name}`);
  const { input } = await loadSubmission(dependencies, ref);
  const startedMs = dependencies.clock().getTime();
  const answer = await ask(dependencies, {
    declared,
    input: taskType.input.parse(input),
    timeoutSeconds: integration.timeoutSeconds,
  });
  const measured = { integration: integration.name, latencyMs: dependencies.clock().getTime() - startedMs };
  return { ...measured, ...(await keep(dependencies, ref, { declared, answer })) };
}

interface Asked {
  readonly declared: ResolvedIntegration;
  readonly input: unknown;
  readonly timeoutSeconds: number;
}

const NOT_JSON = Symbol('not JSON');

async function ask({ baseUrls }: StepDependencies, { declared, input, timeoutSeconds }: Asked): Promise<unknown> {
  const timeout = AbortSignal.timeout(timeoutSeconds * 1000);
  const signal = AbortSignal.any([timeout, Context.current().cancellationSignal]);
  try {
    return await declared.fetch(input, { baseUrls, signal });
  } catch (error) {
    // By name: the error comes from Node's fetch, whose classes are not ours where code runs in a realm of its own.
    if ((error as { name?: unknown } | null)?.name === 'SyntaxError') return NOT_JSON;
    throw integrationFailed(timeout.aborted ? timeout.reason : error);
  }
}

async function keep(
  dependencies: StepDependencies,
  ref: TaskRef,
  { declared, answer }: { declared: ResolvedIntegration; answer: unknown },
): Promise<Pick<GatheredContext, 'status' | 'text' | 'fetchedAt' | 'evidence'>> {
  const fetchedAt = dependencies.clock().toISOString();
  if (answer === NOT_JSON) return { status: 'contract_violation', text: null, fetchedAt, evidence: { rule: 'json' } };
  const checked = declared.contract.safeParse(answer);
  if (!checked.success)
    return { status: 'contract_violation', text: null, fetchedAt, evidence: violationOf(checked.error) };
  const json = canonicalJson(checked.data);
  const text = contextTextOf(declared.name, sha256Hex(json));
  await keepTexts(dependencies, ref, { [text]: json });
  return { status: 'ok', text, fetchedAt, evidence: { freshSeconds: declared.freshSeconds } };
}

/** Where the contract was broken and by which rule, without the values. */
function violationOf(error: {
  issues: readonly { path: readonly PropertyKey[]; code?: string | undefined }[];
}): Evidence {
  const issues = error.issues.slice(0, 10);
  return {
    paths: issues.map(({ path }) => path.map(String).join('.')),
    rules: issues.map(({ code }) => code ?? 'invalid'),
  };
}
