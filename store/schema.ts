import type { ColumnType, Generated } from 'kysely';
import type { JsonValue } from '../contracts/digest';
import type { ErrorCode } from '../contracts/words/errorCodes';
import type { GoldDraft, GoldStart } from '../contracts/words/gold';
import type { PolicySnapshot } from '../contracts/words/policy';
import type { RefusalDetails } from '../contracts/words/review';
import type { DecidingRole } from '../contracts/words/roles';
import type { DecisionRecord, Evidence, TaskState } from '../contracts/words/task';
import type { Outcome, Reason, ReviewStatus, Scope, Status, WebhookEvent } from '../contracts/words/vocabulary';
import type { MembersStanding, MembersTable, NotificationsTable, SlackMessagesTable } from './peopleTables';

/** JSON columns are written as text, so that a list is never taken for a PostgreSQL array. */
type Json<T> = ColumnType<T, string, string>;
/** Read as RFC 3339 in UTC with milliseconds. */
type Time = string;

interface TenantsTable {
  id: string;
  name: string;
  createdAt: Time;
}

interface PoliciesTable {
  version: string;
  type: string;
  typeVersion: number;
  snapshot: Json<PolicySnapshot>;
  fallback: ColumnType<JsonValue, string | null, never>;
}

interface ApiKeysTable {
  id: string;
  tenant: string;
  name: string;
  prefix: string;
  hash: string;
  scopes: Scope[];
  createdAt: Time;
  expiresAt: Time | null;
  revokedAt: ColumnType<Time | null, Time | null | undefined, Time>;
  lastUsedAt: ColumnType<Time | null, Time | null | undefined, Time>;
  memberId: string | null;
}

interface SignInTokensTable {
  hash: string;
  tenant: string;
  actorId: string;
  scopes: Scope[];
  createdAt: Time;
  expiresAt: Time;
  memberId: string | null;
}

type SessionsTable = SignInTokensTable;

interface WrappedKeyColumns {
  masterKeyId: string;
  nonce: Uint8Array;
  ciphertext: Uint8Array;
  createdAt: Time;
}

interface SubjectKeysTable extends WrappedKeyColumns {
  tenant: string;
  id: string;
}

interface WebhookSecretsTable extends WrappedKeyColumns {
  tenant: string;
}

interface TextsTable {
  tenant: string;
  taskId: string;
  name: string;
  subjectKeyId: string;
  nonce: Uint8Array;
  ciphertext: Uint8Array;
  createdAt: Time;
}

interface TasksTable {
  tenant: string;
  id: string;
  type: string;
  typeVersion: number;
  policyVersion: string;
  bodyHash: string;
  subjectKeyId: string;
  subjectIndex: string | null;
  referenceIndex: string | null;
  priority: number;
  submitter: string;
  isReviewRequired: boolean;
  hasCallback: boolean;
  createdAt: Time;
  startedAt: Time | null;
  run: string | null;
  pastRuns: string[];
  revision: number;
  status: Status;
  outcome: Outcome | null;
  class: string | null;
  classProbability: number | null;
  confidence: number | null;
  reasons: Reason[];
  completedAt: Time | null;
  state: Json<TaskState> | null;
  isGold: ColumnType<boolean, boolean | undefined, never>;
}

interface GoldCasesTable {
  tenant: string;
  id: string;
  type: string;
  sourceTaskId: string;
  draft: GoldDraft;
  contentText: string;
  createdBy: string;
  createdAt: Time;
  withdrawnAt: Time | null;
}

interface GoldTasksTable {
  tenant: string;
  taskId: string;
  caseId: string;
  draft: GoldDraft;
  meantFor: string;
  start: Json<GoldStart>;
  createdAt: Time;
}

interface ReviewerRecordsTable {
  tenant: string;
  decisionId: string;
  actor: string;
  type: string;
  taskId: string;
  round: number;
  saysRight: boolean;
  /** Of gold; null where nobody knows. */
  isRight: boolean | null;
  at: Time;
}

interface ReviewsTable {
  tenant: string;
  id: string;
  taskId: string;
  type: string;
  queue: string;
  status: ReviewStatus;
  class: string | null;
  mainReason: Reason | null;
  reasons: Reason[];
  confidence: number | null;
  priority: number;
  openedAt: Time;
  dueAt: Time | null;
  claimedBy: string | null;
  claimedUntil: Time | null;
  round: number;
  digest: string;
  reminders: number;
  closedAt: Time | null;
  alsoQueue: string | null;
  roles: DecidingRole[];
  isOverdue: boolean;
  assignedBy: string | null;
  approvalsGiven: number;
  approvalsNeeded: number;
  /** Made by the database. */
  isClosed: ColumnType<boolean, never, never>;
  dueAscending: ColumnType<Time, never, never>;
  dueDescending: ColumnType<Time, never, never>;
  groupId: ColumnType<number, never, never>;
  /** When the row was written last, by the clock of the database. */
  writtenAt: ColumnType<Time, never, never>;
}

interface AuditEntriesTable {
  tenant: string;
  taskId: string;
  seq: number;
  sourceKey: string;
  at: Time;
  kind: string;
  actor: string;
  facts: Json<Evidence>;
  prevHash: string;
  hash: string;
}

interface DecisionAnswersTable {
  tenant: string;
  reviewId: string;
  keyHash: string;
  requestHash: string;
  status: number;
  code: ErrorCode | null;
  details: Json<{ readonly decision?: DecisionRecord } & RefusalDetails>;
  at: Time;
}

interface EffectsTable {
  tenant: string;
  taskId: string;
  name: string;
  idempotencyKey: string;
  argumentsDigest: string | null;
  result: 'done' | 'done_before';
  at: Time;
}

interface DeliveriesBegunTable {
  tenant: string;
  taskId: string;
  permit: string;
  at: Time;
}

interface BudgetAccountsTable {
  tenant: string;
  name: string;
  microUsd: Generated<number>;
  calls: Generated<number>;
}

interface BudgetReservationsTable {
  tenant: string;
  id: string;
  taskId: string;
  accounts: readonly string[];
  upperBoundMicroUsd: number;
  reservedAt: Time;
  costMicroUsd: number | null;
  settledAt: Time | null;
}

interface WebhookDeliveriesTable {
  tenant: string;
  taskId: string;
  event: WebhookEvent;
  key: string;
  attempts: number;
  lastStatus: number | null;
  state: 'pending' | 'delivered' | 'parked';
  createdAt: Time;
  lastAttemptAt: Time | null;
  endedAt: Time | null;
}

/** What a transaction of a tenant can reach. `policies` belong to the installation; the rest shows the tenant's rows only. */
export interface TenantTables {
  policies: PoliciesTable;
  apiKeys: ApiKeysTable;
  signInTokens: SignInTokensTable;
  sessions: SessionsTable;
  members: MembersTable;
  subjectKeys: SubjectKeysTable;
  webhookSecrets: WebhookSecretsTable;
  texts: TextsTable;
  tasks: TasksTable;
  reviews: ReviewsTable;
  auditEntries: AuditEntriesTable;
  decisionAnswers: DecisionAnswersTable;
  effects: EffectsTable;
  deliveriesBegun: DeliveriesBegunTable;
  budgetAccounts: BudgetAccountsTable;
  budgetReservations: BudgetReservationsTable;
  goldCases: GoldCasesTable;
  goldTasks: GoldTasksTable;
  reviewerRecords: ReviewerRecordsTable;
  webhookDeliveries: WebhookDeliveriesTable;
  notifications: NotificationsTable;
  slackMessages: SlackMessagesTable;
}

/** What a transaction of the system can reach: all rows of these, and no other table. */
export interface SystemTables {
  tenants: TenantsTable;
  policies: PoliciesTable;
  apiKeys: ApiKeysTable;
  signInTokens: SignInTokensTable;
  sessions: SessionsTable;
  members: MembersStanding;
}
