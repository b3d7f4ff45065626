import { dim } from '../print';
import { oneLine } from '../terminalText';
import { table } from '../table';
import { ageWords, dueWords, probabilityWords, spaced } from '../wording';
import { reasonWords } from './reasonWords';
import type { ReviewPage, ReviewRow } from './reviews';

interface TableContext {
  readonly titles: ReadonlyMap<string, string>;
  readonly nowMs: number;
}

const HEAD = ['ID', 'ASKS', 'CLASS', 'WHY', 'CONFIDENCE', 'AGE', 'DUE', 'HOLDER'];

/** A page of reviews, one line each, and how many there are in each queue. */
export function reviewTable(page: ReviewPage, context: TableContext): string {
  const counts = page.counts
    .map(({ queue, status, count }) => `${oneLine(queue)}: ${count} ${spaced(status)}`)
    .join(', ');
  if (page.items.length === 0) return `Nothing to decide.${counts === '' ? '' : `\n${dim(counts)}`}`;
  const lines = [
    table(
      HEAD,
      page.items.map((row) => cells(row, context)),
    ),
    '',
    dim(counts),
  ];
  if (page.nextCursor !== null)
    lines.push(dim('There are more: name a queue, a type or a reason, or a higher --limit.'));
  lines.push(dim('Next: npx countersign inbox show <id>'));
  return lines.join('\n');
}

function cells(row: ReviewRow, { titles, nowMs }: TableContext): string[] {
  return [
    row.id,
    asks(row, titles),
    row.class ?? '–',
    reasonWords(row.mainReason),
    probabilityWords(row.confidence),
    ageWords(row.openedAt, nowMs),
    row.closedAt === null ? due(row, nowMs) : 'closed',
    row.claimedByName ?? '–',
  ];
}

function due({ dueAt, isOverdue }: ReviewRow, nowMs: number): string {
  return dueAt === null && isOverdue ? 'overdue' : dueWords(dueAt, nowMs);
}

/** What it asks of people, and how far that is. */
function asks({ type, status, approvalsGiven, approvalsNeeded }: ReviewRow, titles: TableContext['titles']): string {
  const asked = titles.get(type) ?? type;
  const soFar = approvalsNeeded > 1 ? ` (${approvalsGiven} of ${approvalsNeeded} approved)` : '';
  return `${asked}${soFar}${status === 'waiting_for_caller' ? ', caller asked' : ''}`;
}

/** One review in one line, for a list to pick from. */
export function reviewLine(row: ReviewRow, { titles, nowMs }: TableContext): string {
  const parts = [
    asks(row, titles),
    row.class ?? 'no class',
    reasonWords(row.mainReason),
    probabilityWords(row.confidence),
    `${ageWords(row.openedAt, nowMs)} old`,
    ...(row.dueAt === null ? [] : [row.isOverdue ? dueWords(row.dueAt, nowMs) : `due ${dueWords(row.dueAt, nowMs)}`]),
    ...(row.claimedBy === null ? [] : [`held by ${row.claimedByName ?? row.claimedBy}`]),
  ];
  return parts.map(oneLine).join(' · ');
}
