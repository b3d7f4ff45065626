import type { ColumnType, Generated } from 'kysely';
import type { Channel, NotificationFailure, NotificationKind, NotificationState } from '../contracts/notifications';
import type { Role } from '../contracts/words/roles';

/** Read as RFC 3339 in UTC with milliseconds. */
type Time = string;

export interface MembersTable {
  tenant: string;
  id: string;
  name: string;
  roles: Role[];
  queues: string[];
  locale: string | null;
  masterKeyId: string | null;
  nonce: Uint8Array | null;
  ciphertext: Uint8Array | null;
  emailIndex: string | null;
  slackIndex: string | null;
  createdAt: Time;
  deactivatedAt: ColumnType<Time | null, Time | null | undefined, Time | null>;
}

/** What the system may see of members. */
export type MembersStanding = Pick<MembersTable, 'tenant' | 'id' | 'roles' | 'deactivatedAt'>;

export interface NotificationsTable {
  tenant: string;
  id: Generated<number>;
  taskId: string;
  eventKey: string;
  kind: NotificationKind;
  channel: Channel;
  recipient: string;
  round: number;
  state: Generated<NotificationState>;
  attempts: Generated<number>;
  createdAt: Time;
  triedSince: Time;
  dueAt: Time;
  leasedUntil: ColumnType<Time | null, Time | null | undefined, Time | null>;
  lastFailure: ColumnType<NotificationFailure | null, undefined, NotificationFailure | null>;
  endedAt: ColumnType<Time | null, undefined, Time | null>;
}

export interface SlackMessagesTable {
  tenant: string;
  taskId: string;
  recipient: string;
  conversation: string;
  ts: string;
  revision: number;
}
