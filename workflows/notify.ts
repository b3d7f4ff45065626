import { ActivityFailure, CancellationScope, log } from '@temporalio/workflow';
import type { WebhookEvent } from '../contracts/words/vocabulary';
import { failureType } from './adopt';
import { local, notification } from './proxies';
import type { TaskRun } from './taskRun';

/** Tells the caller how the task ended, for a day if need be. The answer is there already: nothing waits for this. */
export async function notify(run: TaskRun): Promise<void> {
  if (!run.start.hasCallback) return;
  await run.step('notify', async () => ({ result: await send(run, 'task.completed'), evidence: {} }));
  await run.save();
}

/** Sends an event in the background, while the task goes on. */
export function tell(run: TaskRun, event: WebhookEvent): void {
  if (!run.start.hasCallback) return;
  run.openNotices += 1;
  void send(run, event).finally(() => (run.openNotices -= 1));
}

async function send(run: TaskRun, event: WebhookEvent): Promise<string> {
  const key = keyOf(run, event);
  const notice = { ref: run.ref, event, key };
  try {
    const options = { summary: `sends ${event}` };
    const { result } = await CancellationScope.nonCancellable(() =>
      notification.notify.executeWithOptions(options, [notice]),
    );
    return result;
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    log.warn('a webhook was parked', { event, failure: failureType(error) });
    await CancellationScope.nonCancellable(() => local.parkNotice(notice));
    return 'parked';
  }
}

/** An event that can come several times is numbered. */
function keyOf({ state: { review } }: TaskRun, event: WebhookEvent): string {
  if (event === 'review.overdue') return `${event}/${review?.reminders}`;
  const asked = review?.rounds.reduce((sum, { questions = [] }) => sum + questions.length, 0);
  return event === 'task.needs_input' ? `${event}/${asked}` : event;
}
