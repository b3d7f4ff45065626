/** How members are told of reviews. */
export const CHANNELS = ['email', 'slack'] as const;
export type Channel = (typeof CHANNELS)[number];

/** `superfluous`: what it would have said no longer holds, such as that a review waits which was decided meanwhile. */
export const NOTIFICATION_STATES = ['pending', 'sent', 'superfluous', 'parked'] as const;
export type NotificationState = (typeof NOTIFICATION_STATES)[number];

/** Why an attempt failed. `refused`: for good, by what was asked. */
export const NOTIFICATION_FAILURES = [
  'unreachable',
  'timeout',
  'rate_limited',
  'refused',
  'not_accepted',
  'not_configured',
  'internal',
] as const;
export type NotificationFailure = (typeof NOTIFICATION_FAILURES)[number];

/** What a notification is about: an event that calls for somebody, or `changed`, which only brings messages up to date. */
export const NOTIFICATION_KINDS = ['escalated', 'reminded', 'widened', 'overdue', 'assigned', 'changed'] as const;
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];

/** Whom an event of a task calls: those of the queue, those whom the ladder added, or the one it was given to. */
export type Called = 'queue' | 'added' | 'assignee';

/** By the kind of an audit event; one that is not here tells nobody anything. */
export const CALLED_BY_EVENT: Readonly<Partial<Record<string, Called>>> = {
  escalated: 'queue',
  reminded: 'queue',
  widened: 'added',
  overdue: 'queue',
  assigned: 'assignee',
} satisfies Record<Exclude<NotificationKind, 'changed'>, Called>;

/** Events after which a message that shows the review is no longer true. */
export const CHANGING_EVENTS: readonly string[] = [
  'decided',
  'approved_in_part',
  'undone',
  'delivery_refused',
  'fell_back',
  'completed',
];
