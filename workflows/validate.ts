import { ActivityFailure, isCancellation } from '@temporalio/workflow';
import type { CheckResult, DraftRef, TextName } from '../contracts/words/task';
import { failureType } from './adopt';
import { local } from './proxies';
import type { TaskRun } from './taskRun';

interface Asked {
  readonly draft: DraftRef;
  readonly guidance: TextName | null;
}

/** Runs the task type's own checks on a draft and returns those that failed. Checks that can't be run count as failed. */
export async function validate(run: TaskRun, { draft, guidance }: Asked): Promise<readonly CheckResult[]> {
  let failed: readonly CheckResult[] = [];
  await run.step('validate', async () => {
    const checks = await runChecks(run, { draft, guidance });
    failed = checks.filter((check) => !check.passed);
    run.showDraftChecks(checks);
    if (failed.length > 0) run.markLastAttempt('invalid');
    return { result: failed.length === 0 ? 'ok' : 'failed', evidence: { failed: failed.map((check) => check.name) } };
  });
  return failed;
}

async function runChecks(run: TaskRun, { draft, guidance }: Asked): Promise<readonly CheckResult[]> {
  const { class: classification, contexts } = run.state;
  if (classification === null) throw new TypeError('validating comes after classifying');
  try {
    const request = { ref: run.ref, draft, class: classification, contexts, guidance, answers: run.answers };
    return await local.validate.executeWithOptions({ summary: `checks draft ${draft.version}` }, [request]);
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    return [{ name: 'validate', passed: false, reason: 'checks_failed', evidence: { failure: failureType(error) } }];
  }
}
