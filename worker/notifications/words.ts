import type { NotificationKind } from '../../contracts/notifications';
import type { ReviewNotice } from './reviewNotice';

const DEFAULT_LOCALE = 'en-GB';

/** A time for a person, in UTC: they may read it anywhere. */
export function timeWords(time: string, locale: string | null): string {
  const format = new Intl.DateTimeFormat(locale ?? DEFAULT_LOCALE, {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: 'UTC',
  });
  return `${format.format(new Date(time))} UTC`;
}

export function dueWords({ dueAt }: ReviewNotice, locale: string | null): string {
  return dueAt === null ? 'no due time' : `due ${timeWords(dueAt, locale)}`;
}

export function confidenceWords({ hasDraft, confidence }: ReviewNotice): string {
  return hasDraft ? `${Math.round(confidence * 100)} %` : 'there is no draft';
}

export function classWords({ type, class: className }: ReviewNotice): string {
  return className === null ? type : `${type}: ${className}`;
}

const CALLS: Readonly<Record<Exclude<NotificationKind, 'changed'>, string>> = {
  escalated: 'It waits for somebody to decide.',
  reminded: 'It still waits for somebody to decide.',
  widened: 'It was put before more people, since nobody has decided.',
  overdue: 'It is overdue.',
  assigned: 'It was given to you.',
};

/** Why somebody is told now. */
export function callWords(kind: Exclude<NotificationKind, 'changed'>, { round }: ReviewNotice): string {
  return kind === 'escalated' && round > 1 ? 'There is a new draft to decide on.' : CALLS[kind];
}
