import { ActivityFailure, ApplicationFailure, TimeoutFailure, isCancellation } from '@temporalio/workflow';
import type { RoutePolicy } from '../contracts/words/policy';
import type { DraftRequest, DraftResult } from '../contracts/words/steps';
import type { Attempt, CheckResult, DraftRef, StepRecord, TextName } from '../contracts/words/task';
import { failureType } from './adopt';
import { local, remote } from './proxies';
import { now, type TaskRun } from './taskRun';
import { validate } from './validate';

/**
 * Asks the routes in their order until one gives a draft that passes its checks; a failed draft is repaired once where
 * the route can. The last draft is kept even if it failed: a person sees it, and what is wrong with it.
 */
export async function draft(run: TaskRun, guidance: TextName | null = null): Promise<void> {
  run.forgetDraft();
  const routes = run.policy.routes.filter((route) => speaks(route, run.state.language));
  let failed: readonly CheckResult[] = [];
  for (const route of routes) {
    const found = await tryRoute(run, { route, guidance });
    if (found?.length === 0) return;
    failed = found ?? failed;
  }
  explain(run, { failed, hasRoutes: routes.length > 0 });
}

/** Returns the checks that the route's last draft failed; null where it gave none, so that what was drafted before stands as it was. */
async function tryRoute(run: TaskRun, { route, guidance }: Asked): Promise<readonly CheckResult[] | null> {
  let made = await ask(run, { route, guidance, repair: null });
  if (!made) return null;
  let failed = await validate(run, { draft: made, guidance });
  for (let repairs = 0; repairs < route.maxRepairs && failed.length > 0; repairs += 1) {
    made = await ask(run, { route, guidance, repair: { draft: made, failed } });
    if (!made) return failed;
    failed = await validate(run, { draft: made, guidance });
  }
  return failed;
}

async function ask(
  run: TaskRun,
  { route, guidance, repair }: Asked & Pick<DraftRequest, 'repair'>,
): Promise<DraftRef | null> {
  let made: DraftRef | null = null;
  await run.step('draft', async () => {
    const result = await call(run, route, requestFor(run, { route, guidance, repair }));
    result.attempts.forEach((attempt) => run.addAttempt(attempt));
    if (result.draft) {
      made = result.draft;
      run.change({ draft: result.draft });
      run.draftScore = result.score;
    }
    if (result.budgetReached) run.budgetReached = result.budgetReached;
    return { result: resultOf(result), evidence: { route: route.name, isRepair: repair !== null } };
  });
  return made;
}

function resultOf({ attempts, budgetReached }: DraftResult): StepRecord['result'] {
  return budgetReached ? 'budget_exhausted' : (attempts.at(-1)?.result ?? 'unavailable');
}

function requestFor(run: TaskRun, { route, guidance, repair }: Asked & Pick<DraftRequest, 'repair'>): DraftRequest {
  const { language, contexts, attempts } = run.state;
  if (run.state.class === null) throw new TypeError('drafting comes after classifying');
  const version = attempts.length + 1;
  return {
    ref: run.ref,
    policyVersion: run.policy.version,
    route,
    class: run.state.class,
    language,
    contexts,
    version,
    guidance,
    answers: run.answers,
    repair,
  };
}

/** A provider that can't be had is a result, not the end: the next route or a person takes over. */
async function call(run: TaskRun, route: RoutePolicy, request: DraftRequest): Promise<DraftResult> {
  const startedAt = now();
  try {
    if (route.isLocal)
      return await local.draftLocally.executeWithOptions({ summary: `drafts by ${route.name}` }, [request]);
    void run.save();
    return await remote.draft(route)(request);
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    return { attempts: attemptsOf(error, { route, startedAt }), draft: null, score: 0 };
  }
}

/** The failure carries the attempts as the provider's adapter saw them; a time-out of the engine those before the last. */
function attemptsOf(error: ActivityFailure, asked: { route: RoutePolicy; startedAt: string }): readonly Attempt[] {
  const { cause } = error;
  const carried = cause instanceof ApplicationFailure ? cause.details?.[0] : undefined;
  if (Array.isArray(carried)) return carried as readonly Attempt[];
  const before = cause instanceof TimeoutFailure ? (cause.lastHeartbeatDetails as readonly Attempt[] | undefined) : [];
  return [...(before ?? []), unansweredAttempt(error, asked)];
}

function unansweredAttempt(
  error: ActivityFailure,
  { route, startedAt }: { route: RoutePolicy; startedAt: string },
): Attempt {
  return {
    provider: route.provider,
    model: route.model,
    route: route.name,
    startedAt,
    latencyMs: Date.now() - Date.parse(startedAt),
    inputTokens: 0,
    outputTokens: 0,
    cached: false,
    costMicroUsd: 0,
    result: failureType(error) === 'TimeoutFailure' ? 'timeout' : 'unavailable',
  };
}

function explain(run: TaskRun, { failed, hasRoutes }: { failed: readonly CheckResult[]; hasRoutes: boolean }): void {
  if (run.budgetReached) run.addReason('budget_exhausted', { step: 'draft', evidence: { ...run.budgetReached } });
  if (run.state.draft) {
    const names = failed.map((check) => check.name);
    run.addReason('checks_failed', { step: 'validate', evidence: { failed: names } });
    for (const { reason, evidence, name } of failed) {
      if (reason && reason !== 'checks_failed')
        run.addReason(reason, { step: 'validate', evidence: { check: name, ...evidence } });
    }
    return;
  }
  const results = run.attemptsAtDraft.map((attempt) => attempt.result);
  const wasUnanswered = results.some((result) => result !== 'ok' && result !== 'no_draft' && result !== 'invalid');
  if (wasUnanswered) run.addReason('provider_unavailable', { step: 'draft', evidence: { attempts: results } });
  const isTold = run.state.reasons.some((given) => given.reason === 'unsupported_language');
  if (!hasRoutes && !isTold)
    run.addReason('unsupported_language', { step: 'draft', evidence: { language: run.state.language, routes: 0 } });
}

function speaks(route: RoutePolicy, language: string | null): boolean {
  return route.languages === null || language === null || route.languages.includes(language);
}

interface Asked {
  readonly route: RoutePolicy;
  readonly guidance: TextName | null;
}
