import type { Signals } from './signals';
import type { TaskChange } from './store';

/** Tells the listeners of this process, and with PostgreSQL those of the others. */
export interface TaskChanges {
  subscribe(listener: (change: TaskChange) => void): () => void;
  announce(changes: readonly TaskChange[]): void;
}

export function createTaskChanges(signals: Signals): TaskChanges {
  return {
    subscribe: (listener) => signals.subscribe('task_changed', (message) => listener(parseChange(message))),
    announce: (changes) => signals.send('task_changed', changes.map(formatChange)),
  };
}

function formatChange(change: TaskChange): string {
  return `${change.tenant}/${change.taskId}/${change.revision}/${change.isCompleted ? 'completed' : 'open'}`;
}

function parseChange(message: string): TaskChange {
  const [tenant = '', taskId = '', revision, end] = message.split('/');
  return { tenant, taskId, revision: Number(revision), isCompleted: end === 'completed' };
}
