import type { Difference } from '../store/rebuildTask';
import { table } from './table';
import { oneLine } from './terminalText';

/**
 * `rebuilt`: it differed, and was written anew. `differs`: it would be, were it not a dry run. `incomplete`: the row is right, but
 * something is missing that histories don't hold. `moved_on`: its workflow wrote to it again and again meanwhile, which is newer.
 * `history_gone`: Temporal keeps no history of it any more. `does_not_replay`: the code of this version doesn't match its history.
 */
export type Finding = 'rebuilt' | 'differs' | 'incomplete' | 'moved_on' | 'history_gone' | 'does_not_replay';

export interface TaskReport {
  readonly tenant: string;
  readonly taskId: string;
  readonly finding: Finding;
  readonly differences: readonly Difference[];
  /** Entries of the audit trail that its workflow made and the store has not. They are never made up. */
  readonly missingAuditEntries: number;
  /** Texts that its state refers to and the store has not. */
  readonly missingTexts: number;
  /** What else there is to say. */
  readonly detail: string | null;
}

export interface RebuildReport {
  readonly isDryRun: boolean;
  /** Tasks whose row was compared with what its history says. */
  readonly compared: number;
  /** Accepted, and not begun: there is nothing to compare yet. */
  readonly notBegun: number;
  /** Ended, and so long ago that Temporal keeps no history of it: left as it is. */
  readonly endedLongAgo: number;
  /** Every task of which there is something to tell. */
  readonly tasks: readonly TaskReport[];
  /** Tasks that Temporal has and the store has not; `couldNotLook` says why nobody knows. */
  readonly unknownToStore: readonly { readonly tenant: string; readonly taskId: string }[];
  readonly couldNotLook: string | null;
  /** Ids that were asked for, of tasks that neither the store nor Temporal has. */
  readonly notFound: readonly string[];
}

/** Whether everything is as the histories say, as far as could be seen. */
export function isRight({ isDryRun, tasks, unknownToStore, notFound }: RebuildReport): boolean {
  const isFine = (task: TaskReport) =>
    (task.finding === 'rebuilt' && !isDryRun && task.missingAuditEntries + task.missingTexts === 0) ||
    task.finding === 'moved_on';
  return unknownToStore.length === 0 && notFound.length === 0 && tasks.every(isFine);
}

/** The report as a person reads it. */
export function rebuildScreen(report: RebuildReport): string {
  const { tasks, unknownToStore, notFound, couldNotLook } = report;
  const parts = [
    summary(report),
    differenceTable(tasks),
    ...tasks.flatMap((task) => remarks(task)),
    ...unknownToStore.map(
      ({ tenant, taskId }) =>
        `${taskId} of ${tenant}: Temporal has it, the store has not. Its texts are gone with its row, so it can not be rebuilt: ` +
        'restore a newer backup, or have it posted again under another Idempotency-Key.',
    ),
    ...notFound.map((taskId) => `${taskId}: neither the store nor Temporal has it. Look at the id, and at --tenant.`),
    ...(couldNotLook === null
      ? []
      : [
          `Tasks that the store lacks were not looked for, since Temporal's Visibility does not answer: ${couldNotLook}`,
        ]),
  ];
  return parts
    .filter((part) => part !== '')
    .map((part) => (part.includes('\n') ? part : oneLine(part)))
    .join('\n\n');
}

function summary({ isDryRun, compared, notBegun, endedLongAgo, tasks }: RebuildReport): string {
  const count = (finding: Finding) => tasks.filter((task) => task.finding === finding).length;
  const differing = count(isDryRun ? 'differs' : 'rebuilt');
  const what = isDryRun ? 'would be rebuilt' : 'rebuilt';
  return [
    `${compared} compared with ${compared === 1 ? 'its history' : 'their histories'}`,
    differing === 0 ? 'nothing differs' : `${differing} ${differing === 1 ? 'differs' : 'differ'}, ${what}`,
    ...(notBegun === 0 ? [] : [`${notBegun} not begun`]),
    ...(endedLongAgo === 0 ? [] : [`${endedLongAgo} ended so long ago that Temporal keeps no history`]),
  ].join('; ');
}

const SHOWN_CHARACTERS = 40;

function differenceTable(tasks: readonly TaskReport[]): string {
  const rows = tasks.flatMap(({ taskId, differences }) =>
    differences.map(({ what, stored, rebuilt }) => [taskId, what, shown(stored), shown(rebuilt)]),
  );
  return rows.length === 0 ? '' : table(['TASK', 'WHAT', 'STORED', 'HISTORY'], rows);
}

function shown(value: unknown): string {
  if (value === null) return '–';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS - 1)}…`;
}

function remarks({ taskId, tenant, finding, missingAuditEntries, missingTexts, detail }: TaskReport): string[] {
  const of = `${taskId} of ${tenant}:`;
  return [
    ...(detail === null || finding === 'rebuilt' ? [] : [`${of} ${detail}`]),
    ...(missingAuditEntries === 0
      ? []
      : [
          `${of} ${missingAuditEntries} entries of its audit trail are missing. They are not made up from the history.`,
        ]),
    ...(missingTexts === 0
      ? []
      : [`${of} ${missingTexts} of its texts are missing. Histories hold none: restore a newer backup.`]),
  ];
}
