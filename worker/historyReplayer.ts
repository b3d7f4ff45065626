import path from 'node:path';
import {
  DefaultLogger,
  type ReplayResult,
  type ReplayWorkerOptions,
  Worker,
  bundleWorkflowCode,
} from '@temporalio/worker';
import type { AuditEvent, TaskState } from '../contracts/words/task';
import { WORKFLOWS_PATH } from './worker';

type History = Parameters<typeof Worker.runReplayHistory>[1];

/** What a history makes the workflow say. */
export type Replayed =
  /** `state` is null where it has projected nothing yet. */
  | { readonly isReplayed: true; readonly state: TaskState | null; readonly events: readonly AuditEvent[] }
  /** The workflow code of this version does not match the history. */
  | { readonly isReplayed: false; readonly why: string };

let bundle: ReturnType<typeof bundleWorkflowCode> | null = null;

/** The workflow code with what tells its projections; made once per process. */
function tellingBundle(): ReturnType<typeof bundleWorkflowCode> {
  bundle ??= bundleWorkflowCode({
    workflowsPath: WORKFLOWS_PATH,
    workflowInterceptorModules: [path.join(__dirname, '..', 'workflows', 'tellProjections.ts')],
    logger: new DefaultLogger('WARN'),
  });
  return bundle;
}

/**
 * Replays histories, one at a time, and tells what each made the workflow project: its newest state, and every event for the audit
 * trail. Needs no server, no worker and no store, and does nothing of what the history tells of.
 */
export class HistoryReplayer {
  private readonly waiting: { readonly workflowId: string; readonly history: History }[] = [];
  private readonly results: AsyncIterator<ReplayResult>;
  private state: TaskState | null = null;
  private events: AuditEvent[] = [];

  private constructor(code: string) {
    this.results = Worker.runReplayHistories(
      { workflowBundle: { code }, sinks: this.sinks(), replayName: 'countersign-rebuild' },
      this.histories(),
    )[Symbol.asyncIterator]();
  }

  static async open(): Promise<HistoryReplayer> {
    return new HistoryReplayer((await tellingBundle()).code);
  }

  async replay(workflowId: string, history: History): Promise<Replayed> {
    this.state = null;
    this.events = [];
    this.waiting.push({ workflowId, history });
    const { value, done } = (await this.results.next()) as IteratorResult<ReplayResult, undefined>;
    if (done === true) throw new Error('the replay of histories has ended, and a history was still to come');
    if (value.error) return { isReplayed: false, why: value.error.message.split('\n', 1)[0] ?? value.error.name };
    return { isReplayed: true, state: this.state, events: this.events };
  }

  async close(): Promise<void> {
    await this.results.return?.();
  }

  private async *histories() {
    // Asked for the next one only by `replay`, which has put it there.
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) yield next;
  }

  /** Called by workflows/tellProjections.ts. */
  private sinks(): NonNullable<ReplayWorkerOptions['sinks']> {
    const made = {
      fn: (_info: unknown, _ref: unknown, state: TaskState, events: readonly AuditEvent[]) => {
        this.state = state;
        this.events.push(...events);
      },
      callDuringReplay: true,
    };
    return { projections: { made } };
  }
}
