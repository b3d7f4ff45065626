import { type Kysely, sql } from 'kysely';

/**
 * What members are to be told, one row for each event of a task, channel and recipient: a member's id, or a Slack channel. `kind` is
 * what happened. No text, no name and no address is in it.
 */
const NOTIFICATIONS = `
create table notifications (
  tenant text not null,
  id bigint not null generated always as identity,
  task_id text not null,
  event_key text not null,
  kind text not null,
  channel text not null check (channel in ('email', 'slack')),
  recipient text not null,
  round integer not null,
  state text not null default 'pending' check (state in ('pending', 'sent', 'superfluous', 'parked')),
  attempts integer not null default 0,
  created_at timestamptz not null,
  tried_since timestamptz not null,
  due_at timestamptz not null,
  leased_until timestamptz,
  last_failure text,
  ended_at timestamptz,
  primary key (tenant, id),
  unique (tenant, task_id, event_key, channel, recipient),
  foreign key (tenant, task_id) references tasks (tenant, id)
) with (fillfactor = 70);
create index notifications_due on notifications (tenant, due_at, id) where state = 'pending';
create index notifications_in_turn on notifications (tenant, task_id, channel, recipient, id) where state = 'pending';
create index notifications_parked on notifications (tenant, id) where state = 'parked';
`;

/** The one message about a review in a Slack conversation, and the revision of the task that it shows. */
const SLACK_MESSAGES = `
create table slack_messages (
  tenant text not null,
  task_id text not null,
  recipient text not null,
  conversation text not null,
  ts text not null,
  revision integer not null,
  primary key (tenant, task_id, recipient),
  foreign key (tenant, task_id) references tasks (tenant, id)
);
`;

function rowsOfTheTenantOnly(table: string): string {
  const isOfTheTenant = `(tenant = current_setting('countersign.tenant', true))`;
  return `
    alter table ${table} enable row level security;
    alter table ${table} force row level security;
    create policy of_the_tenant on ${table} to countersign_app using ${isOfTheTenant} with check ${isOfTheTenant};
    grant select, insert, update on ${table} to countersign_app;`;
}

export async function up(db: Kysely<unknown>): Promise<void> {
  const rights = ['notifications', 'slack_messages'].map(rowsOfTheTenantOnly);
  await sql.raw([NOTIFICATIONS, SLACK_MESSAGES, ...rights].join('\n')).execute(db);
}
