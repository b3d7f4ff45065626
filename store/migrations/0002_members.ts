import { type Kysely, sql } from 'kysely';

/** The addresses of a member are one sealed text; the indexes are keyed hashes, for equality alone. */
const TABLE = `
create table members (
  tenant text not null references tenants (id),
  id text not null check (id ~ '^mem_[0-9a-f]{16}$'),
  name text not null,
  roles text[] not null,
  queues text[] not null,
  locale text,
  master_key_id text,
  nonce bytea,
  ciphertext bytea,
  email_index text,
  slack_index text,
  created_at timestamptz not null,
  deactivated_at timestamptz,
  primary key (tenant, id)
);
create index members_by_age on members (tenant, created_at, id);
create unique index members_by_email on members (tenant, email_index) where deactivated_at is null;
create unique index members_by_slack on members (tenant, slack_index) where deactivated_at is null;
`;

function actsAsMember(table: string): string {
  return `
    alter table ${table} add column member_id text;
    alter table ${table} add foreign key (tenant, member_id) references members (tenant, id);
    create index ${table}_by_member on ${table} (tenant, member_id) where member_id is not null;`;
}

/** The system, which lets people in, sees what they are and neither their names nor their addresses. */
const RIGHTS = `
alter table members enable row level security;
alter table members force row level security;
create policy of_the_tenant on members to countersign_app
  using (tenant = current_setting('countersign.tenant', true))
  with check (tenant = current_setting('countersign.tenant', true));
grant select, insert, update on members to countersign_app;
create policy of_the_system on members for select to countersign_system using (true);
grant select (tenant, id, roles, deactivated_at) on members to countersign_system;
`;

export async function up(db: Kysely<unknown>): Promise<void> {
  const parts = [TABLE, ...['api_keys', 'sessions', 'sign_in_tokens'].map(actsAsMember), RIGHTS];
  await sql.raw(parts.join('\n')).execute(db);
}
