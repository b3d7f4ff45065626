import type { NotificationKind } from '../../contracts/notifications';
import type { Keyring } from '../../platform/encryption/keyring';
import type { Mailer } from '../../platform/notify/email';
import { signToken } from '../../platform/notify/linkTokens';
import { SendingError } from '../../platform/notify/SendingError';
import type { Slack, SlackContent } from '../../platform/notify/slack';
import { type ActorNames, readActorNames } from '../../store/actorNames';
import { type AddressedMember, readMember } from '../../store/members';
import { keepSlackMessage, type NotificationRow, readSlackMessage, type SlackMessage } from '../../store/outbox';
import type { Store } from '../../store/store';
import { readTask } from '../../store/tasks';
import { mailOf } from './mail';
import { type ReviewNotice, reviewNotice } from './reviewNotice';
import { slackMessage } from './slackMessage';
import { callWords } from './words';

const LINK_DAYS = 3;
const DAY_MS = 24 * 60 * 60 * 1000;

export interface Sending {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly clock: () => Date;
  /** The address of the API that members reach, without a slash at the end. */
  readonly publicUrl: string;
  /** Null where there is no mail server. */
  readonly mail: { readonly mailer: Mailer; readonly domain: string } | null;
  /** Null where there is no Slack. */
  readonly slack: Slack | null;
}

/** What a row is about, as it is now: a late attempt never says what no longer holds. */
interface Current {
  readonly tenant: string;
  readonly row: NotificationRow;
  readonly notice: ReviewNotice;
  /** Null where the recipient is a Slack channel. */
  readonly member: AddressedMember | null;
  readonly message: SlackMessage | null;
  readonly nameOf: ActorNames;
}

/** Makes one attempt. Throws a SendingError. */
export async function sendNotification(
  sending: Sending,
  tenant: string,
  row: NotificationRow,
): Promise<'sent' | 'superfluous'> {
  const current = await readCurrent(sending, tenant, row);
  if (current === null) return 'superfluous';
  if (row.kind === 'changed') return refreshMessage(sending, current);
  const called = { ...current, kind: row.kind };
  return row.channel === 'email' ? sendMail(sending, called) : callInSlack(sending, called);
}

/** Null where there is nobody or nothing left to tell. */
function readCurrent({ store, keyring }: Sending, tenant: string, row: NotificationRow): Promise<Current | null> {
  return store.inTenant(tenant, async (tx) => {
    const task = await readTask(tx, row.taskId);
    const notice = task && reviewNotice(task);
    const isMember = row.recipient.startsWith('mem_');
    const member = isMember ? await readMember(tx, keyring, row.recipient) : null;
    if (!notice || (isMember && (member === null || member.deactivatedAt !== null))) return null;
    const message = row.channel === 'slack' ? await readSlackMessage(tx, row) : null;
    return { tenant, row, notice, member, message, nameOf: await readActorNames(tx, [notice.ending?.by]) };
  });
}

interface Called extends Current {
  readonly kind: Exclude<NotificationKind, 'changed'>;
}

async function sendMail(sending: Sending, called: Called): Promise<'sent' | 'superfluous'> {
  const { tenant, row, notice, member, kind } = called;
  const email = member?.addresses.email ?? null;
  if (member === null || email === null || notice.ending !== null || notice.round !== row.round) return 'superfluous';
  if (sending.mail === null) throw new SendingError('not_configured');
  const link = linkFor(sending, { tenant, notice, memberId: member.id });
  const to = { name: member.name, email, locale: member.locale };
  const mail = mailOf({ tenant, row, kind, notice, to, link, linkDays: LINK_DAYS, domain: sending.mail.domain });
  await sending.mail.mailer.send(mail);
  return 'sent';
}

function linkFor(
  { keyring, clock, publicUrl }: Sending,
  { tenant, notice, memberId }: { tenant: string; notice: ReviewNotice; memberId: string },
): string {
  const { reviewId, round, digest } = notice;
  const expiresAt = new Date(clock().getTime() + LINK_DAYS * DAY_MS).toISOString();
  const token = signToken(keyring, { use: 'link', tenant, reviewId, memberId, round, digest, expiresAt });
  return `${publicUrl}/reviews/${reviewId}/decide?token=${token}`;
}

/** One message for each review and conversation: what calls again is said below it. */
async function callInSlack(sending: Sending, called: Called): Promise<'sent' | 'superfluous'> {
  const { notice, message, kind, member, row } = called;
  if (notice.ending !== null) return refreshMessage(sending, called);
  const conversation = row.recipient.startsWith('mem_') ? (member?.addresses.slackUserId ?? null) : row.recipient;
  if (conversation === null) return 'superfluous';
  const isThere = message !== null && (await isUpToDate(sending, called, message));
  const isSaid = isThere && (await slackOf(sending).reply(message, callWords(kind, notice)));
  if (!isSaid) await post(sending, called, conversation);
  return 'sent';
}

async function refreshMessage(sending: Sending, current: Current): Promise<'sent' | 'superfluous'> {
  const { message, notice } = current;
  if (message === null || message.revision >= notice.revision) return 'superfluous';
  if (await isUpToDate(sending, current, message)) return 'sent';
  if (notice.ending !== null) return 'superfluous';
  await post(sending, current, message.conversation);
  return 'sent';
}

/** Brings a message up to date where it is not. False where it is gone: somebody has deleted it. */
async function isUpToDate(sending: Sending, current: Current, message: SlackMessage): Promise<boolean> {
  if (message.revision >= current.notice.revision) return true;
  const isThere = await slackOf(sending).update(message, contentOf(sending, current));
  if (isThere) await keep(sending, current, message);
  return isThere;
}

async function post(sending: Sending, current: Current, conversation: string): Promise<void> {
  await keep(sending, current, await slackOf(sending).post(conversation, contentOf(sending, current)));
}

function slackOf({ slack }: Sending): Slack {
  if (slack === null) throw new SendingError('not_configured');
  return slack;
}

function contentOf({ keyring }: Sending, { tenant, notice, nameOf }: Current): SlackContent {
  const { reviewId, round, digest } = notice;
  return slackMessage(notice, {
    nameOf,
    button: signToken(keyring, { use: 'slack', tenant, reviewId, round, digest }),
  });
}

async function keep(
  { store }: Sending,
  { tenant, row, notice }: Current,
  { conversation, ts }: Pick<SlackMessage, 'conversation' | 'ts'>,
): Promise<void> {
  const { revision } = notice;
  await store.inTenant(tenant, (tx) => keepSlackMessage(tx, row, { conversation, ts, revision }));
}
