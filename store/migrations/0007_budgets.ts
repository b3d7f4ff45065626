import { type Kysely, sql } from 'kysely';

/**
 * What model calls may cost. An account is what a limit counts on, such as a task, or a task type's day; each call is reserved on all of
 * its accounts before it is made, at the most it can cost, and settled after it.
 */
const TABLES = `
create table budget_accounts (
  tenant text not null,
  name text not null,
  micro_usd bigint not null default 0,
  calls bigint not null default 0,
  primary key (tenant, name)
);
create table budget_reservations (
  tenant text not null,
  id text not null,
  task_id text not null,
  accounts text[] not null,
  upper_bound_micro_usd bigint not null,
  reserved_at timestamptz not null,
  cost_micro_usd bigint,
  settled_at timestamptz,
  primary key (tenant, id),
  foreign key (tenant, task_id) references tasks (tenant, id)
);
`;

const ACCESS = ['budget_accounts', 'budget_reservations'].map(
  (table) => `
alter table ${table} enable row level security;
alter table ${table} force row level security;
create policy of_the_tenant on ${table} to countersign_app
  using (tenant = current_setting('countersign.tenant', true))
  with check (tenant = current_setting('countersign.tenant', true));
grant select, insert, update on ${table} to countersign_app;
`,
);

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statements of [TABLES, ...ACCESS]) await sql.raw(statements).execute(db);
}
