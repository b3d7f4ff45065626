import { sleep } from '@temporalio/workflow';
import type { GoldStart } from '../contracts/words/gold';
import type { Outcome } from '../contracts/words/vocabulary';
import type { TaskRun } from './taskRun';
import { now } from './taskRun';
import { validate } from './validate';

/**
 * What comes between classifying and judging, for a gold item: context and draft are those it was started with, and take the time they
 * took then, so that it looks like any other task. The checks are run, since the draft may be another one than they were run on.
 */
export async function stage(run: TaskRun, { contexts, attempt, draft, draftScore }: GoldStart): Promise<void> {
  if (contexts.length > 0)
    await run.step('gather', async () => {
      await pass(Math.max(...contexts.map(({ latencyMs }) => latencyMs)));
      run.change({ contexts: contexts.map((context) => ({ ...context, fetchedAt: now() })) });
      return { result: 'ok', evidence: { missing: [] } };
    });
  await run.step('draft', async () => {
    const startedAt = now();
    await pass(attempt?.latencyMs ?? 0);
    if (attempt) run.addAttempt({ ...attempt, startedAt });
    run.change({ draft });
    run.draftScore = draftScore;
    return { result: 'ok', evidence: { route: attempt?.route ?? null, isRepair: false } };
  });
  const failed = await validate(run, { draft, guidance: null });
  if (failed.length > 0)
    run.addReason('checks_failed', { step: 'validate', evidence: { failed: failed.map(({ name }) => name) } });
}

/** A call that failed may have taken minutes; nobody waits for it again. */
const MOST_MS = 30_000;

async function pass(latencyMs: number): Promise<void> {
  if (latencyMs >= 1) await sleep(Math.min(latencyMs, MOST_MS));
}

/** In the place of a delivery: the task ends as it was decided, and nothing leaves. */
export function withhold(run: TaskRun, outcome: Outcome): true {
  const { draft, permit } = run.state;
  run.change({ output: draft?.text ?? null, outcome, completedAt: now() });
  run.audit('withheld', { actor: permit?.by ?? 'policy', facts: { outcome } });
  return true;
}
