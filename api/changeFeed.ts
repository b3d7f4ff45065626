import { tasksOfEndedClaims, writtenReviews } from '../store/changedTasks';
import type { ApiDependencies } from './dependencies';
import { nowOf } from './dependencies';
import { type Told, toldOf } from './told';

export interface Watcher {
  readonly tenant: string;
  /** Null: of all tasks. */
  readonly taskId: string | null;
  /** Who watches one task is told its state at first, and again whenever it may have changed. */
  readonly onTold: (told: Told) => void;
  /** Changes may have been missed; called for those who watch all. */
  readonly onMissed: () => void;
}

export interface ChangeFeed {
  /** Gives what ends it. */
  watch(watcher: Watcher): () => void;
  /** Tells the state of a task again to those who watch it. */
  again(tenant: string, taskId: string): void;
  close(): void;
}

interface Office {
  readonly ofAll: Set<Watcher>;
  readonly ofTask: Map<string, Set<Watcher>>;
  readonly changed: Set<string>;
  isReading: boolean;
  hasMissed: boolean;
  /** Until when claims that have run out were told. */
  toldUntil: string;
  /** Until when reviews that were written were read; null where nobody watches all. */
  readAt: string | null;
  /** The revisions that were told last, of the tasks that were told of last: the newest at the end. */
  readonly told: Map<string, number>;
}

const MAX_TASKS_A_READ = 100;
const MAX_TOLD_KEPT = 10_000;

/**
 * Tells the changes of tasks to those who watch: one subscription and one read of a change for all of them. A change of which nobody
 * told this process is found after `pollMs`; who watches all is told too when something may have been missed.
 */
export function createChangeFeed(dependencies: ApiDependencies, { pollMs }: { readonly pollMs: number }): ChangeFeed {
  const { store } = dependencies;
  const offices = new Map<string, Office>();
  const read = (tenant: string, taskIds: Iterable<string>) => {
    const office = offices.get(tenant);
    if (office === undefined) return;
    for (const taskId of taskIds) office.changed.add(taskId);
    void readChanged(dependencies, tenant, office);
  };
  const stopHearing = store.onTaskChanged(({ tenant, taskId }) => {
    const office = offices.get(tenant);
    if (office !== undefined && (office.ofAll.size > 0 || office.ofTask.has(taskId))) read(tenant, [taskId]);
  });
  const stopHearingOfGaps = store.onChangesMissed(() => {
    for (const [tenant, office] of offices) {
      office.hasMissed = true;
      read(tenant, office.ofTask.keys());
    }
  });
  const look = async (tenant: string, office: Office) => {
    const untold = await untoldOf(dependencies, tenant, office);
    read(tenant, [...untold, ...office.ofTask.keys()]);
  };
  const poll = setInterval(() => {
    for (const [tenant, office] of offices) void look(tenant, office);
  }, pollMs);
  return {
    watch(watcher) {
      const { office, leave } = enter(offices, watcher, nowOf(dependencies));
      if (watcher.taskId !== null) read(watcher.tenant, [watcher.taskId]);
      else if (office.readAt === null) void look(watcher.tenant, office);
      return leave;
    },
    again: (tenant, taskId) => read(tenant, [taskId]),
    close() {
      clearInterval(poll);
      stopHearing();
      stopHearingOfGaps();
    },
  };
}

function enter(offices: Map<string, Office>, watcher: Watcher, now: string) {
  const { tenant, taskId } = watcher;
  const office = offices.get(tenant) ?? newOffice(now);
  offices.set(tenant, office);
  const watchers = taskId === null ? office.ofAll : (office.ofTask.get(taskId) ?? new Set());
  watchers.add(watcher);
  if (taskId !== null) office.ofTask.set(taskId, watchers);
  const leave = () => {
    watchers.delete(watcher);
    if (taskId !== null && watchers.size === 0 && office.ofTask.get(taskId) === watchers) office.ofTask.delete(taskId);
    const isEmpty = office.ofAll.size === 0 && office.ofTask.size === 0;
    if (isEmpty && offices.get(tenant) === office) offices.delete(tenant);
  };
  return { office, leave };
}

function newOffice(now: string): Office {
  return {
    ofAll: new Set(),
    ofTask: new Map(),
    changed: new Set(),
    isReading: false,
    hasMissed: false,
    toldUntil: now,
    readAt: null,
    told: new Map(),
  };
}

/** One read at a time for a tenant, so that nobody is told an older state after a newer one; what changes meanwhile is read next. */
async function readChanged(dependencies: ApiDependencies, tenant: string, office: Office): Promise<void> {
  if (office.isReading) return;
  office.isReading = true;
  try {
    while (office.changed.size > 0) {
      const taskIds = [...office.changed].slice(0, MAX_TASKS_A_READ);
      for (const taskId of taskIds) office.changed.delete(taskId);
      for (const told of await toldOf(dependencies, tenant, taskIds)) tell(office, told);
    }
    if (office.hasMissed) for (const watcher of [...office.ofAll]) watcher.onMissed();
    office.hasMissed = false;
  } catch (error) {
    // The next poll reads those that are watched; who watches all is told then that changes were missed.
    office.hasMissed = true;
    office.changed.clear();
    dependencies.log.warn({ err: error }, 'changes could not be read for event streams');
  } finally {
    office.isReading = false;
  }
}

function tell(office: Office, told: Told): void {
  const { taskId, revision } = told;
  office.told.delete(taskId);
  office.told.set(taskId, revision);
  const [oldest] = office.told.keys();
  if (office.told.size > MAX_TOLD_KEPT && oldest !== undefined) office.told.delete(oldest);
  for (const watcher of [...office.ofAll, ...(office.ofTask.get(taskId) ?? [])]) watcher.onTold(told);
}

/**
 * Where someone watches all reviews: tasks that were written without a word to this process, since the writer died or could not send,
 * and those whose claim has run out. The first time also what was written shortly before, which may be newer than the list.
 */
async function untoldOf(dependencies: ApiDependencies, tenant: string, office: Office): Promise<readonly string[]> {
  const [from, to] = [office.toldUntil, nowOf(dependencies)];
  if (office.ofAll.size === 0) {
    office.readAt = null;
    return [];
  }
  try {
    const { ended, written } = await dependencies.store.inTenant(tenant, async (tx) => ({
      ended: await tasksOfEndedClaims(tx, { from, to }),
      written: await writtenReviews(tx, office.readAt),
    }));
    const unknown = written.reviews.filter(({ taskId, revision }) => office.told.get(taskId) !== revision);
    [office.toldUntil, office.readAt] = [to, written.readAt];
    return [...ended, ...unknown.map(({ taskId }) => taskId)];
  } catch (error) {
    dependencies.log.warn({ err: error }, 'changes that nobody told of could not be read for event streams');
    return [];
  }
}
