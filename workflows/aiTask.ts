import { CancellationScope, allHandlersFinished, condition, isCancellation } from '@temporalio/workflow';
import type { TaskStart } from '../contracts/words/steps';
import type { Outcome } from '../contracts/words/vocabulary';
import { classify } from './classify';
import { deliver } from './deliver';
import { draft } from './draft';
import { end } from './end';
import { gather } from './gather';
import { stage } from './gold';
import { judge } from './judge';
import { notify } from './notify';
import { hearPeople } from './people';
import { review } from './review';
import { screen } from './screen';
import { TaskRun } from './taskRun';

/** One AI task, from its acceptance to its outcome. Takes references and policy; no text ever enters it. */
export async function aiTask(start: TaskStart): Promise<Outcome> {
  const run = new TaskRun(start);
  const work = new CancellationScope();
  hearPeople(run, work);
  const outcome = await unlessCancelled(() => work.run(() => answer(run)));
  await CancellationScope.nonCancellable(async () => {
    await end(run, outcome);
    await notify(run);
    await condition(() => allHandlersFinished() && run.openNotices === 0);
  });
  return outcome;
}

async function answer(run: TaskRun): Promise<Outcome> {
  await screen(run);
  await classify(run);
  if (run.start.gold) await stage(run, run.start.gold);
  else {
    await gather(run);
    await draft(run);
  }
  await judge(run);
  for (;;) {
    if (run.state.permit && (await deliver(run))) return run.outcome;
    const verdict = await review(run);
    if (verdict.action === 'decline') return 'declined';
    if (verdict.action !== 'answer' && verdict.action !== 'revise') continue;
    if (run.unreadAnswers.length > 0) await readAnew(run);
    await draft(run, verdict.guidance);
    await judge(run);
  }
}

/** The caller has said more: the input is another one. */
async function readAnew(run: TaskRun): Promise<void> {
  run.forgetInput();
  await screen(run);
  await classify(run);
}

async function unlessCancelled(work: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    if (isCancellation(error)) return 'cancelled';
    throw error;
  }
}
