import { sql } from 'kysely';
import {
  CALLED_BY_EVENT,
  type Called,
  CHANGING_EVENTS,
  type Channel,
  type NotificationKind,
} from '../contracts/notifications';
import { DECIDING_ROLES, type DecidingRole, type Role, ROLES, SCOPES_OF_ROLE } from '../contracts/words/roles';
import type { AuditEvent, ReviewState, TaskRef, TaskState } from '../contracts/words/task';
import type { TenantTx } from './store';

/** By which channels this installation tells its members. Without any, nothing is queued. */
export interface TellingBy {
  readonly email: boolean;
  /** Slack channels by queue, `*` for those that are not named; null: no Slack. */
  readonly slackChannels: Readonly<Record<string, string>> | null;
}

/**
 * Queues what the events of a task call members for, and what brings earlier messages up to date, in the transaction that projects
 * them. Idempotent by event, channel and recipient.
 */
export async function queueNotifications(
  tx: TenantTx,
  ref: TaskRef,
  { state, events, by }: { readonly state: TaskState; readonly events: readonly AuditEvent[]; readonly by: TellingBy },
): Promise<void> {
  const { review } = state;
  if (review === null || (!by.email && by.slackChannels === null)) return;
  const round = review.rounds.at(-1)?.round ?? 1;
  for (const event of events) {
    const called = CALLED_BY_EVENT[event.kind];
    const telling = { ref, review, event, round };
    if (called !== undefined) await call(tx, { ...telling, called, by });
    if (by.slackChannels !== null && CHANGING_EVENTS.includes(event.kind)) await refresh(tx, telling);
  }
}

interface Telling {
  readonly ref: TaskRef;
  readonly review: ReviewState;
  readonly event: AuditEvent;
  readonly round: number;
}

interface Calling extends Telling {
  readonly called: Called;
  readonly by: TellingBy;
}

async function call(tx: TenantTx, calling: Calling): Promise<void> {
  const { by, called, review, event } = calling;
  if (called === 'assignee' && event.facts['to'] === event.actor) return;
  if (by.email) await callMembers(tx, calling, { channel: 'email', queues: queuesOf(review) });
  if (by.slackChannels !== null) await callInSlack(tx, calling, by.slackChannels);
}

/** The channels of the queues that are called; members themselves where the call is to some of them, or their queue has no channel. */
async function callInSlack(
  tx: TenantTx,
  calling: Calling,
  channels: NonNullable<TellingBy['slackChannels']>,
): Promise<void> {
  const { called, review } = calling;
  const channelOf = (queue: string) => channels[queue] ?? channels['*'];
  const isToSome = called === 'assignee' || (called === 'added' && !review.alsoQueue);
  if (isToSome) return callMembers(tx, calling, { channel: 'slack', queues: queuesOf(review) });
  const queues = called === 'added' ? queuesOf(review).slice(1) : queuesOf(review);
  for (const channel of new Set(queues.flatMap((queue) => channelOf(queue) ?? [])))
    await callChannel(tx, calling, channel);
  const without = queues.filter((queue) => channelOf(queue) === undefined);
  if (without.length > 0) await callMembers(tx, calling, { channel: 'slack', queues: without });
}

function queuesOf({ queue, alsoQueue }: ReviewState): readonly string[] {
  return alsoQueue ? [queue, alsoQueue] : [queue];
}

/**
 * The active members with an address who may decide on the review and whose queue it is in; never who posted the task, since they
 * can't decide on it. Whoever was told of this round is not called again because the review was put before more people.
 */
async function callMembers(
  tx: TenantTx,
  calling: Calling,
  { channel, queues }: { readonly channel: Channel; readonly queues: readonly string[] },
): Promise<void> {
  const { ref, review, event, round, called } = calling;
  const address = sql.ref(channel === 'email' ? 'email_index' : 'slack_index');
  const isCalled =
    called === 'assignee'
      ? sql`m.id = ${event.facts['to'] ?? null}`
      : sql`m.roles && ${rolesThatDecide(review)}::text[] and (m.queues = '{}' or m.queues && ${queues}::text[])`;
  const isNew = sql`not exists (select from notifications n where n.tenant = m.tenant and n.task_id = ${ref.taskId}
    and n.channel = ${channel} and n.recipient = m.id and n.round = ${round})`;
  await sql`
    insert into notifications (tenant, task_id, event_key, kind, channel, recipient, round, created_at, tried_since, due_at)
    select m.tenant, ${ref.taskId}, ${event.key}, ${event.kind}, ${channel}, m.id, ${round},
      ${event.at}::timestamptz, ${event.at}::timestamptz, ${event.at}::timestamptz
    from members m
    where m.tenant = ${tx.tenant} and m.deactivated_at is null and m.${address} is not null and ${isCalled}
      and m.id <> (select submitter from tasks t where t.tenant = m.tenant and t.id = ${ref.taskId})
      and ${called === 'added' ? isNew : sql`true`}
    on conflict do nothing
  `.execute(tx.db);
}

async function callChannel(tx: TenantTx, { ref, event, round }: Telling, channel: string): Promise<void> {
  const { at } = event;
  await tx.db
    .insertInto('notifications')
    .values({
      ...{ tenant: tx.tenant, taskId: ref.taskId, eventKey: event.key, kind: event.kind as NotificationKind, round },
      ...{ channel: 'slack', recipient: channel, createdAt: at, triedSince: at, dueAt: at },
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Wherever a message about the review is, or is about to be: a row waits for those before it. */
async function refresh(tx: TenantTx, { ref, event, round }: Telling): Promise<void> {
  await sql`
    insert into notifications (tenant, task_id, event_key, kind, channel, recipient, round, created_at, tried_since, due_at)
    select distinct tenant, task_id, ${event.key}, 'changed', channel, recipient, ${round}::integer,
      ${event.at}::timestamptz, ${event.at}::timestamptz, ${event.at}::timestamptz
    from notifications where tenant = ${tx.tenant} and task_id = ${ref.taskId} and channel = 'slack'
    on conflict do nothing
  `.execute(tx.db);
}

function rolesThatDecide({ roles = ['reviewer'] }: ReviewState): readonly Role[] {
  const scopes = roles.map((role: DecidingRole) => DECIDING_ROLES[role]);
  return ROLES.filter((role) => SCOPES_OF_ROLE[role].some((scope) => scopes.some((needed) => needed === scope)));
}
