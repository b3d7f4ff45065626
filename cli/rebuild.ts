import { setTimeout as pause } from 'node:timers/promises';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { TASK_WORKFLOW_TYPE, workflowIdOf } from '../contracts/words/names';
import type { AuditEvent, TaskState } from '../contracts/words/task';
import { readAudit } from '../store/audit';
import { missingTexts, rebuildTask, type RebuildResult, type StoredTask, storedTasks } from '../store/rebuildTask';
import type { Store } from '../store/store';
import { listTenants } from '../store/tenants';
import { HistoryReplayer } from '../worker/historyReplayer';
import { CliError } from './CliError';
import type { Finding, RebuildReport, TaskReport } from './rebuildReport';
import { textNamesOf } from './rebuildTexts';

export interface RebuildNeeds {
  readonly store: Store;
  readonly client: Client;
  readonly taskQueue: string;
}

export interface RebuildOptions {
  /** Default: all tenants. */
  readonly tenant?: string;
  /** Ids of tasks. Default: all. */
  readonly only?: readonly string[];
  /** Only tells. */
  readonly isDryRun: boolean;
  /** Told after each task. */
  readonly onProgress?: (tasksSoFar: number) => void;
}

/** Looks again so often where the store is ahead of the history, as it is for an instant after each projection. */
const LOOKS = 5;
const LOOK_AGAIN_AFTER_MS = 500;

/**
 * Compares each task's row and review with what its history makes its workflow say, and writes anew what differs. Goes through the
 * store's tasks, so that it works without Visibility; that one is asked for tasks that the store lacks.
 */
export async function rebuildInbox(needs: RebuildNeeds, options: RebuildOptions): Promise<RebuildReport> {
  const replayer = await HistoryReplayer.open();
  const tally = new Tally();
  const tenants = await tenantsOf(needs.store, options);
  try {
    for (const tenant of tenants) {
      for await (const task of tasksOf(needs.store, tenant, options)) {
        tally.add(await check({ ...needs, replayer }, tenant, { task, isDryRun: options.isDryRun }));
        options.onProgress?.(tally.looked);
      }
    }
  } finally {
    await replayer.close();
  }
  const unknown =
    options.only === undefined
      ? await unknownToStore(needs, options.tenant)
      : await lost(needs, tenants, new Set(options.only));
  return { isDryRun: options.isDryRun, ...tally.report(), ...unknown };
}

async function tenantsOf(store: Store, { tenant }: RebuildOptions): Promise<readonly string[]> {
  const ids = (await store.asSystem(listTenants)).map(({ id }) => id);
  if (tenant === undefined) return ids;
  if (!ids.includes(tenant)) throw new CliError(`There is no tenant "${tenant}". There are: ${ids.join(', ')}.`, 2);
  return [tenant];
}

async function* tasksOf(store: Store, tenant: string, { only }: RebuildOptions): AsyncGenerator<StoredTask> {
  let after = '';
  for (;;) {
    const page = await store.inTenant(tenant, (tx) => storedTasks(tx, { after, ...(only && { only }) }));
    yield* page;
    const last = page.at(-1);
    if (last === undefined || only !== undefined) return;
    after = last.id;
  }
}

/** What was found of one task; null where it has not begun, or is as it should be. */
type Checked = { readonly isCompared: boolean; readonly report: TaskReport | null; readonly endedLongAgo?: boolean };

class Tally {
  looked = 0;
  private compared = 0;
  private notBegun = 0;
  private endedLongAgo = 0;
  private readonly tasks: TaskReport[] = [];

  add({ isCompared, report, endedLongAgo = false }: Checked): void {
    this.looked += 1;
    if (isCompared) this.compared += 1;
    else if (endedLongAgo) this.endedLongAgo += 1;
    else if (report === null) this.notBegun += 1;
    if (report !== null) this.tasks.push(report);
  }

  report() {
    const { compared, notBegun, endedLongAgo, tasks } = this;
    return { compared, notBegun, endedLongAgo, tasks };
  }
}

type CheckNeeds = RebuildNeeds & { readonly replayer: HistoryReplayer };

interface Check {
  readonly task: StoredTask;
  readonly isDryRun: boolean;
}

async function check(needs: CheckNeeds, tenant: string, { task, isDryRun }: Check): Promise<Checked> {
  let seen = task;
  for (let look = 1; ; look += 1) {
    const told = await historyOf(needs, tenant, seen.id);
    const found = withoutState(tenant, seen, told);
    if (found !== null) return found;
    const said = told as Told & { readonly state: TaskState };
    const isAhead = seen.run === said.state.run && seen.revision > said.state.revision && said.isMoving;
    const ref = { tenant, taskId: seen.id, type: seen.type };
    const result: RebuildResult = isAhead
      ? { kind: 'moved_on' }
      : await rebuildTask(needs.store, ref, { state: said.state, seen, isDryRun });
    if (result.kind === 'compared') {
      const missing = await missingOf(needs.store, tenant, { taskId: seen.id, ...said });
      return compared({ tenant, taskId: seen.id, ...missing, differences: result.differences, isDryRun });
    }
    const [newer] = await needs.store.inTenant(tenant, (tx) => storedTasks(tx, { only: [seen.id] }));
    if (look === LOOKS || newer === undefined)
      return { isCompared: false, report: remark(tenant, seen.id, 'moved_on', MOVED_ON) };
    await pause(LOOK_AGAIN_AFTER_MS);
    seen = newer;
  }
}

const MOVED_ON = 'its workflow wrote to it while it was looked at, so its row is newer. Look again with --only.';

function remark(tenant: string, taskId: string, finding: Finding, detail: string): TaskReport {
  return { tenant, taskId, finding, detail, differences: [], missingAuditEntries: 0, missingTexts: 0 };
}

/** What there is to tell of a task whose history says nothing of its state; null where it does. */
function withoutState(tenant: string, { id, run, startedAt, isCompleted }: StoredTask, told: Told): Checked | null {
  if (told.state !== null) return null;
  if (told.kind === 'does_not_replay') return { isCompared: false, report: remark(tenant, id, told.kind, told.why) };
  if (told.kind === 'nothing_yet') return { isCompared: false, report: null };
  if (run === null && startedAt === null) return { isCompared: false, report: null };
  if (isCompleted) return { isCompared: false, report: null, endedLongAgo: true };
  return { isCompared: false, report: remark(tenant, id, 'history_gone', HISTORY_GONE) };
}

const HISTORY_GONE =
  'the store says that it is open, and Temporal has no history of it. It ended after the backup and longer ago than histories are ' +
  'kept, or Temporal lost it. It can not be rebuilt.';

function compared(
  found: Pick<TaskReport, 'tenant' | 'taskId' | 'differences' | 'missingAuditEntries' | 'missingTexts'> & {
    readonly isDryRun: boolean;
  },
): Checked {
  const { isDryRun, ...rest } = found;
  const isIncomplete = rest.missingAuditEntries + rest.missingTexts > 0;
  if (rest.differences.length === 0 && !isIncomplete) return { isCompared: true, report: null };
  const finding = rest.differences.length === 0 ? 'incomplete' : isDryRun ? 'differs' : 'rebuilt';
  return { isCompared: true, report: { ...rest, finding, detail: null } };
}

type Told =
  | {
      readonly kind: 'state';
      readonly state: TaskState;
      readonly events: readonly AuditEvent[];
      readonly isMoving: boolean;
    }
  | { readonly kind: 'nothing_yet' | 'no_history'; readonly state: null }
  | { readonly kind: 'does_not_replay'; readonly state: null; readonly why: string };

/** By the newest run; a reset one replays under the id of the run it was made from. */
async function historyOf({ client, replayer }: CheckNeeds, tenant: string, taskId: string): Promise<Told> {
  const workflowId = workflowIdOf(tenant, taskId);
  try {
    const { runId, raw } = await client.workflow.getHandle(workflowId).describe();
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    if (!(history.events ?? []).some(({ workflowTaskCompletedEventAttributes: done }) => Boolean(done)))
      return { kind: 'nothing_yet', state: null };
    const replayed = await replayer.replay(workflowId, history);
    if (!replayed.isReplayed)
      return { kind: 'does_not_replay', state: null, why: `its history does not replay: ${replayed.why}` };
    const { state, events } = replayed;
    if (state === null) return { kind: 'nothing_yet', state };
    return { kind: 'state', state: { ...state, run: runId }, events, isMoving: Boolean(raw.pendingWorkflowTask) };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { kind: 'no_history', state: null };
    throw error;
  }
}

async function missingOf(
  store: Store,
  tenant: string,
  {
    taskId,
    state,
    events,
  }: { readonly taskId: string; readonly state: TaskState; readonly events: readonly AuditEvent[] },
) {
  return store.inTenant(tenant, async (tx) => {
    const known = new Set((await readAudit(tx, taskId)).map(markOf));
    const missingAuditEntries = new Set(events.map(markOf).filter((mark) => !known.has(mark))).size;
    return { missingAuditEntries, missingTexts: await missingTexts(tx, { taskId, names: textNamesOf(state) }) };
  });
}

/** Without the run: what a reset run went through before was written by the run that it was made from. */
function markOf({ key, at }: Pick<AuditEvent, 'key' | 'at'>): string {
  return `${key.slice(key.indexOf('/') + 1)} ${at}`;
}

type Unknown = Pick<RebuildReport, 'unknownToStore' | 'notFound' | 'couldNotLook'>;

/** Of the tasks that were named, those that the store lacks. Temporal knows them by their ids, without Visibility. */
async function lost(
  { store, client }: RebuildNeeds,
  tenants: readonly string[],
  named: ReadonlySet<string>,
): Promise<Unknown> {
  const missing = new Set(named);
  for (const tenant of tenants) {
    const stored = await store.inTenant(tenant, (tx) => storedTasks(tx, { only: [...missing] }));
    for (const { id } of stored) missing.delete(id);
  }
  const unknown: { tenant: string; taskId: string }[] = [];
  for (const taskId of [...missing])
    for (const tenant of tenants) {
      if (!(await isInTemporal(client, workflowIdOf(tenant, taskId)))) continue;
      unknown.push({ tenant, taskId });
      missing.delete(taskId);
    }
  return { unknownToStore: unknown, notFound: [...missing], couldNotLook: null };
}

async function isInTemporal(client: Client, workflowId: string): Promise<boolean> {
  try {
    await client.workflow.getHandle(workflowId).describe();
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

async function unknownToStore({ store, client, taskQueue }: RebuildNeeds, ofTenant?: string): Promise<Unknown> {
  const query = `WorkflowType = '${TASK_WORKFLOW_TYPE}' and TaskQueue = '${taskQueue}'`;
  const idsOf = new Map<string, string[]>();
  try {
    for await (const { workflowId } of client.workflow.list({ query })) {
      const [tenant = '', taskId = ''] = workflowId.split('.');
      if (ofTenant !== undefined && tenant !== ofTenant) continue;
      idsOf.set(tenant, [...(idsOf.get(tenant) ?? []), taskId]);
    }
  } catch (error) {
    return { unknownToStore: [], notFound: [], couldNotLook: reasonOf(error) };
  }
  const unknown: { tenant: string; taskId: string }[] = [];
  for (const [tenant, taskIds] of idsOf) {
    const known = new Set(
      (await store.inTenant(tenant, (tx) => storedTasks(tx, { only: taskIds }))).map(({ id }) => id),
    );
    unknown.push(...[...new Set(taskIds)].filter((id) => !known.has(id)).map((taskId) => ({ tenant, taskId })));
  }
  return { unknownToStore: unknown, notFound: [], couldNotLook: null };
}

/** The client hangs what the server said on its own error. */
function reasonOf(error: unknown): string {
  const { message, cause } = Object(error) as Partial<Error>;
  return cause instanceof Error ? cause.message : (message ?? String(error));
}
