import { type Kysely, sql } from 'kysely';

/** Gold is a task like any other, apart from what asks for it: that nobody posted it is known here only. */
const GOLD = `
alter table tasks add column is_gold boolean not null default false;

create table gold_cases (
  tenant text not null references tenants (id),
  id text not null,
  type text not null,
  source_task_id text not null,
  draft text not null check (draft in ('right', 'wrong')),
  content_text text not null,
  created_by text not null,
  created_at timestamptz not null,
  withdrawn_at timestamptz,
  primary key (tenant, id),
  foreign key (tenant, source_task_id) references tasks (tenant, id)
);
create unique index gold_cases_once on gold_cases (tenant, source_task_id, content_text) where withdrawn_at is null;
create index gold_cases_by_type on gold_cases (tenant, type, draft) where withdrawn_at is null;

create table gold_tasks (
  tenant text not null,
  task_id text not null,
  case_id text not null,
  draft text not null,
  meant_for text not null,
  start jsonb not null,
  created_at timestamptz not null,
  primary key (tenant, task_id),
  foreign key (tenant, task_id) references tasks (tenant, id),
  foreign key (tenant, case_id) references gold_cases (tenant, id)
);
create index gold_tasks_by_reviewer on gold_tasks (tenant, meant_for);
create index gold_tasks_by_case on gold_tasks (tenant, case_id);
`;

/** What each person said of each draft, kept by the projection: of a round, what counts is what it says now. */
const RECORDS = `
create table reviewer_records (
  tenant text not null,
  decision_id text not null,
  actor text not null,
  type text not null,
  task_id text not null,
  round smallint not null,
  says_right boolean not null,
  is_right boolean,
  at timestamptz not null,
  primary key (tenant, task_id, decision_id),
  foreign key (tenant, task_id) references tasks (tenant, id)
);
create index reviewer_records_by_actor on reviewer_records (tenant, actor, type);
create index reviewer_records_gold on reviewer_records (tenant, type, actor, at) where is_right is not null;
`;

function rowsOfTheTenantOnly(table: string): string {
  const isOfTheTenant = `(tenant = current_setting('countersign.tenant', true))`;
  return `
    alter table ${table} enable row level security;
    alter table ${table} force row level security;
    create policy of_the_tenant on ${table} to countersign_app using ${isOfTheTenant} with check ${isOfTheTenant};
    grant select, insert, update, delete on ${table} to countersign_app;`;
}

export async function up(db: Kysely<unknown>): Promise<void> {
  const rights = ['gold_cases', 'gold_tasks', 'reviewer_records'].map(rowsOfTheTenantOnly);
  await sql.raw([GOLD, RECORDS, ...rights].join('\n')).execute(db);
}
