import { adopt } from './adopt';
import { local } from './proxies';
import type { TaskRun } from './taskRun';

/** Language, length, personal data, injection. What a guard finds becomes a reason; a guard that fails is one too. */
export async function screen(run: TaskRun): Promise<void> {
  run.noteAnswersScreened();
  await run.step('screen', async () => {
    const result = await adopt(run, 'screen', () =>
      local.screen.executeWithOptions({ summary: 'screens the input' }, [run.ref, run.answers]),
    );
    if (!result) return { result: 'failed', evidence: {} };
    run.change({ language: result.language });
    run.showInputChecks(result.checks);
    const failed = result.checks.filter((check) => !check.passed);
    for (const { reason, name, evidence } of failed) {
      if (reason) run.addReason(reason, { step: 'screen', evidence: { check: name, ...evidence } });
    }
    return {
      result: failed.length === 0 ? 'ok' : 'found',
      evidence: { language: result.language, failed: failed.map((check) => check.name) },
    };
  });
}
