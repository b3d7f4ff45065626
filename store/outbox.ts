import { sql } from 'kysely';
import type { Channel, NotificationFailure, NotificationKind, NotificationState } from '../contracts/notifications';
import { type OrderKey, type Page, type PageRequest, readPage } from './page';
import type { TenantTx } from './store';

/** One thing that one recipient is told on one channel. */
export interface NotificationRow {
  readonly id: number;
  readonly taskId: string;
  readonly eventKey: string;
  readonly kind: NotificationKind;
  readonly channel: Channel;
  /** A member's id, or a Slack channel. */
  readonly recipient: string;
  readonly round: number;
  readonly state: NotificationState;
  /** Begun ones count, too. */
  readonly attempts: number;
  readonly createdAt: string;
  /** From when on the time is counted after which it is parked. */
  readonly triedSince: string;
  /** Of the next attempt. */
  readonly dueAt: string;
  readonly lastFailure: NotificationFailure | null;
  readonly endedAt: string | null;
}

const COLUMNS = [
  ...(['id', 'taskId', 'eventKey', 'kind', 'channel', 'recipient', 'round', 'state'] as const),
  ...(['attempts', 'createdAt', 'triedSince', 'dueAt', 'lastFailure', 'endedAt'] as const),
] as const satisfies readonly (keyof NotificationRow)[];

export interface Lease {
  readonly at: string;
  readonly until: string;
  readonly limit: number;
}

/**
 * Takes what is due under a lease, so that no other sender takes it before `until`. What one recipient is told of one task is taken in
 * the order in which it happened, one at a time.
 */
export async function takeDueNotifications(tx: TenantTx, lease: Lease): Promise<readonly NotificationRow[]> {
  const due = tx.db
    .selectFrom('notifications as due')
    .select('due.id')
    .where('due.tenant', '=', tx.tenant)
    .where('due.state', '=', 'pending')
    .where('due.dueAt', '<=', lease.at)
    .where((eb) => eb.or([eb('due.leasedUntil', 'is', null), eb('due.leasedUntil', '<=', lease.at)]))
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('notifications as before')
            .select('before.id')
            .whereRef('before.tenant', '=', 'due.tenant')
            .whereRef('before.taskId', '=', 'due.taskId')
            .whereRef('before.channel', '=', 'due.channel')
            .whereRef('before.recipient', '=', 'due.recipient')
            .whereRef('before.id', '<', 'due.id')
            .where('before.state', '=', 'pending'),
        ),
      ),
    )
    .orderBy('due.dueAt')
    .orderBy('due.id')
    .limit(lease.limit)
    .forUpdate()
    .skipLocked();
  return tx.db
    .updateTable('notifications')
    .set({ leasedUntil: lease.until, attempts: sql<number>`attempts + 1` })
    .where('tenant', '=', tx.tenant)
    .where('id', 'in', due)
    .returning(COLUMNS)
    .execute();
}

/** How an attempt ended. */
export type AttemptEnd =
  | { readonly state: 'sent' | 'superfluous' }
  | { readonly state: 'pending'; readonly failure: NotificationFailure; readonly dueAt: string }
  | { readonly state: 'parked'; readonly failure: NotificationFailure };

/** Notes how the attempt ended, unless another sender took the row over since its lease ran out. */
export async function endAttempt(
  tx: TenantTx,
  { id, attempts }: Pick<NotificationRow, 'id' | 'attempts'>,
  { end, at }: { readonly end: AttemptEnd; readonly at: string },
): Promise<void> {
  await tx.db
    .updateTable('notifications')
    .set({
      state: end.state,
      leasedUntil: null,
      lastFailure: 'failure' in end ? end.failure : null,
      ...('dueAt' in end ? { dueAt: end.dueAt } : { endedAt: at }),
    })
    .where('tenant', '=', tx.tenant)
    .where('id', '=', id)
    .where('attempts', '=', attempts)
    .where('state', '=', 'pending')
    .execute();
}

const OLDEST_FIRST: readonly OrderKey<NotificationRow>[] = [
  { name: 'id', kind: 'count', expression: sql`id`, isDescending: false, valueOf: (row) => row.id },
];

/** Oldest first. */
export async function listNotifications(
  tx: TenantTx,
  request: PageRequest & { readonly state?: NotificationState | undefined },
): Promise<Page<NotificationRow>> {
  const { state } = request;
  const list = tx.db
    .selectFrom('notifications')
    .select(COLUMNS)
    .where('tenant', '=', tx.tenant)
    .$if(state !== undefined, (query) => query.where('state', '=', state ?? 'parked'));
  return readPage(list, OLDEST_FIRST, request);
}

/** Makes one that was parked due again, with its whole time before it. False where the tenant has no such parked one. */
export async function retryNotification(
  tx: TenantTx,
  { id, at }: { readonly id: number; readonly at: string },
): Promise<boolean> {
  const retried = await tx.db
    .updateTable('notifications')
    .set({ state: 'pending', triedSince: at, dueAt: at, leasedUntil: null, endedAt: null })
    .where('tenant', '=', tx.tenant)
    .where('id', '=', id)
    .where('state', '=', 'parked')
    .returning('id')
    .executeTakeFirst();
  return retried !== undefined;
}

/** Where a message about a review is in Slack, and the revision of its task that it shows. */
export interface SlackMessage {
  readonly conversation: string;
  readonly ts: string;
  readonly revision: number;
}

type MessagePlace = Pick<NotificationRow, 'taskId' | 'recipient'>;

export async function readSlackMessage(
  tx: TenantTx,
  { taskId, recipient }: MessagePlace,
): Promise<SlackMessage | null> {
  const row = await tx.db
    .selectFrom('slackMessages')
    .select(['conversation', 'ts', 'revision'])
    .where('tenant', '=', tx.tenant)
    .where('taskId', '=', taskId)
    .where('recipient', '=', recipient)
    .executeTakeFirst();
  return row ?? null;
}

export async function keepSlackMessage(
  tx: TenantTx,
  { taskId, recipient }: MessagePlace,
  message: SlackMessage,
): Promise<void> {
  await tx.db
    .insertInto('slackMessages')
    .values({ tenant: tx.tenant, taskId, recipient, ...message })
    .onConflict((conflict) => conflict.columns(['tenant', 'taskId', 'recipient']).doUpdateSet(message))
    .execute();
}
