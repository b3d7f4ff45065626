import { UNCLEAR } from '../contracts/words/vocabulary';
import type { Classification } from '../contracts/words/task';
import { adopt } from './adopt';
import { local } from './proxies';
import type { TaskRun } from './taskRun';

/** What the task is about and how sure that is. Unknown stays unknown. */
export async function classify(run: TaskRun): Promise<void> {
  await run.step('classify', async () => {
    const found = await adopt(run, 'classify', () =>
      local.classify.executeWithOptions({ summary: 'classifies the input' }, [run.ref, run.answers]),
    );
    const classification = found ?? UNCLASSIFIED;
    run.change({ class: classification });
    const { name, probability, margin } = classification;
    return { result: found ? 'ok' : 'failed', evidence: { class: name, probability, margin } };
  });
}

const UNCLASSIFIED: Classification = {
  name: UNCLEAR,
  probability: 0,
  margin: 0,
  runnersUp: [],
  strangeness: 1,
  classifier: 'none',
  calibrator: 'none',
};
