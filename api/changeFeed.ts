import { tasksOfEndedClaims } from '../store/changedTasks';
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
}

const MAX_TASKS_A_READ = 100;

/**
 * Tells the changes of tasks to those who watch: one subscription and one read of a change for all of them. A change that was missed
 * is found after `pollMs` where one task is watched; who watches all is told that something may have been missed.
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
  const poll = setInterval(() => {
    for (const [tenant, office] of offices)
      void endedClaims(dependencies, tenant, office).then((ended) => read(tenant, [...ended, ...office.ofTask.keys()]));
  }, pollMs);
  return {
    watch(watcher) {
      const leave = enter(offices, watcher, nowOf(dependencies));
      if (watcher.taskId !== null) read(watcher.tenant, [watcher.taskId]);
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

function enter(offices: Map<string, Office>, watcher: Watcher, now: string): () => void {
  const { tenant, taskId } = watcher;
  const office = offices.get(tenant) ?? newOffice(now);
  offices.set(tenant, office);
  const watchers = taskId === null ? office.ofAll : (office.ofTask.get(taskId) ?? new Set());
  watchers.add(watcher);
  if (taskId !== null) office.ofTask.set(taskId, watchers);
  return () => {
    watchers.delete(watcher);
    if (taskId !== null && watchers.size === 0 && office.ofTask.get(taskId) === watchers) office.ofTask.delete(taskId);
    const isEmpty = office.ofAll.size === 0 && office.ofTask.size === 0;
    if (isEmpty && offices.get(tenant) === office) offices.delete(tenant);
  };
}

function newOffice(now: string): Office {
  return {
    ofAll: new Set(),
    ofTask: new Map(),
    changed: new Set(),
    isReading: false,
    hasMissed: false,
    toldUntil: now,
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
  for (const watcher of [...office.ofAll, ...(office.ofTask.get(told.taskId) ?? [])]) watcher.onTold(told);
}

/** Of those that nobody was told of yet; only where someone watches all reviews. */
async function endedClaims(dependencies: ApiDependencies, tenant: string, office: Office): Promise<readonly string[]> {
  const [from, to] = [office.toldUntil, nowOf(dependencies)];
  if (office.ofAll.size === 0) return [];
  try {
    const ended = await dependencies.store.inTenant(tenant, (tx) => tasksOfEndedClaims(tx, { from, to }));
    office.toldUntil = to;
    return ended;
  } catch (error) {
    dependencies.log.warn({ err: error }, 'claims that have run out could not be read for event streams');
    return [];
  }
}
