import { type Kysely, sql } from 'kysely';

/** The roles that transactions run under. They belong to the whole server, and other databases may make them at the same time. */
const ROLES = `
do $$
declare
  app_role text;
begin
  foreach app_role in array array['countersign_app', 'countersign_system'] loop
    if not exists (select from pg_roles where rolname = app_role) then
      begin
        execute format('create role %I nologin', app_role);
      exception when duplicate_object or unique_violation then null;
      end;
    end if;
    if not pg_has_role(current_user, app_role, 'member') then
      begin
        execute format('grant %I to %I', app_role, current_user);
      exception when unique_violation then null;
      end;
    end if;
    execute format('grant usage on schema %I to %I', current_schema(), app_role);
  end loop;
end $$;
`;

const TABLES_OF_THE_SYSTEM = `
create table tenants (
  id text primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
  name text not null,
  created_at timestamptz not null
);

create table policies (
  version text primary key,
  type text not null,
  type_version integer not null,
  snapshot jsonb not null,
  fallback jsonb
);

create table api_keys (
  id text primary key,
  tenant text not null references tenants (id),
  name text not null,
  prefix text not null unique,
  hash text not null,
  scopes text[] not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz
);
create index api_keys_by_tenant on api_keys (tenant, created_at, id);

create table sign_in_tokens (
  hash text primary key,
  tenant text not null references tenants (id),
  actor_id text not null,
  scopes text[] not null,
  created_at timestamptz not null,
  expires_at timestamptz not null
);

create table sessions (like sign_in_tokens including all);
alter table sessions add foreign key (tenant) references tenants (id);
`;

const TABLES_OF_TENANTS = `
create table webhook_secrets (
  tenant text primary key references tenants (id),
  master_key_id text not null,
  nonce bytea not null,
  ciphertext bytea not null,
  created_at timestamptz not null
);

create table subject_keys (
  tenant text not null references tenants (id),
  id text not null,
  master_key_id text not null,
  nonce bytea not null,
  ciphertext bytea not null,
  created_at timestamptz not null,
  primary key (tenant, id)
);

create table tasks (
  tenant text not null references tenants (id),
  id text not null,
  type text not null,
  type_version integer not null,
  policy_version text not null,
  body_hash text not null,
  subject_key_id text not null,
  subject_index text,
  reference_index text,
  priority smallint not null check (priority between 1 and 5),
  submitter text not null,
  is_review_required boolean not null,
  has_callback boolean not null,
  created_at timestamptz not null,
  started_at timestamptz,
  run text,
  past_runs text[] not null default '{}',
  revision integer not null default 0,
  status text not null default 'running',
  outcome text,
  class text,
  class_probability double precision,
  confidence double precision,
  reasons text[] not null default '{}',
  completed_at timestamptz,
  state jsonb,
  primary key (tenant, id)
) with (fillfactor = 70);
create index tasks_newest on tasks (tenant, created_at desc, id desc);
create index tasks_by_subject on tasks (tenant, subject_index) where subject_index is not null;
create index tasks_by_reference on tasks (tenant, reference_index) where reference_index is not null;
create index tasks_not_started on tasks (tenant, created_at) where started_at is null;
create index tasks_decided on tasks (tenant, type, class, completed_at desc)
  where outcome in ('approved', 'corrected', 'declined');

create table texts (
  tenant text not null,
  task_id text not null,
  name text not null,
  subject_key_id text not null,
  nonce bytea not null,
  ciphertext bytea not null,
  created_at timestamptz not null,
  primary key (tenant, task_id, name),
  foreign key (tenant, task_id) references tasks (tenant, id)
);

create table reviews (
  tenant text not null,
  id text not null,
  task_id text not null,
  type text not null,
  queue text not null,
  status text not null,
  class text,
  main_reason text,
  reasons text[] not null,
  confidence double precision,
  priority smallint not null,
  opened_at timestamptz not null,
  due_at timestamptz,
  claimed_by text,
  claimed_until timestamptz,
  round integer not null,
  digest text not null,
  reminders integer not null,
  closed_at timestamptz,
  primary key (tenant, id),
  foreign key (tenant, task_id) references tasks (tenant, id)
) with (fillfactor = 70);
create index reviews_to_decide on reviews (tenant, queue, due_at, priority, opened_at) where status <> 'closed';
create index reviews_by_opening on reviews (tenant, opened_at);

create table audit_entries (
  tenant text not null,
  task_id text not null,
  seq integer not null,
  source_key text not null,
  at timestamptz not null,
  kind text not null,
  actor text not null,
  facts jsonb not null,
  prev_hash text not null,
  hash text not null,
  primary key (tenant, task_id, seq),
  unique (tenant, task_id, source_key),
  foreign key (tenant, task_id) references tasks (tenant, id)
);

create table decision_answers (
  tenant text not null references tenants (id),
  review_id text not null,
  key_hash text not null,
  request_hash text not null,
  status smallint not null,
  code text,
  details jsonb not null,
  at timestamptz not null,
  primary key (tenant, review_id, key_hash)
);

create table effects (
  tenant text not null,
  task_id text not null,
  name text not null,
  idempotency_key text not null,
  result text not null,
  at timestamptz not null,
  primary key (tenant, task_id, name),
  foreign key (tenant, task_id) references tasks (tenant, id)
);

create table webhook_deliveries (
  tenant text not null,
  task_id text not null,
  event text not null,
  key text not null,
  attempts integer not null,
  last_status smallint,
  state text not null,
  created_at timestamptz not null,
  last_attempt_at timestamptz,
  ended_at timestamptz,
  primary key (tenant, task_id, event, key),
  foreign key (tenant, task_id) references tasks (tenant, id)
);
`;

/**
 * Takes the lock of the task, so that one writer at a time extends its chain, and adds the events whose key is new. Members are
 * hashed in the order of RFC 8785, in which prevHash and seq come last: the caller gives the canonical JSON of the others.
 */
const APPEND_AUDIT = `
create function append_audit(of_tenant text, of_task text, events jsonb) returns void language plpgsql as $$
declare
  event jsonb;
  last_seq integer;
  last_hash text;
  next_hash text;
begin
  perform from tasks where tenant = of_tenant and id = of_task for update;
  if not found then
    raise exception 'there is no task % of tenant %', of_task, of_tenant using errcode = 'foreign_key_violation';
  end if;
  select seq, hash into last_seq, last_hash from audit_entries
    where tenant = of_tenant and task_id = of_task order by seq desc limit 1;
  if not found then
    last_seq := 0;
    last_hash := encode(sha256(convert_to(of_tenant || '/' || of_task, 'UTF8')), 'hex');
  end if;
  for event in select value from jsonb_array_elements(events) loop
    continue when exists (
      select from audit_entries where tenant = of_tenant and task_id = of_task and source_key = event ->> 'key');
    last_seq := last_seq + 1;
    next_hash := encode(sha256(convert_to(
      (event ->> 'canonical') || ',"prevHash":"' || last_hash || '","seq":' || last_seq || '}', 'UTF8')), 'hex');
    insert into audit_entries (tenant, task_id, seq, source_key, at, kind, actor, facts, prev_hash, hash)
      values (of_tenant, of_task, last_seq, event ->> 'key', (event ->> 'at')::timestamptz, event ->> 'kind',
        event ->> 'actor', event -> 'facts', last_hash, next_hash);
    last_hash := next_hash;
  end loop;
end $$;
`;

const OF_A_TENANT_AND_THE_SYSTEM = ['api_keys', 'sign_in_tokens', 'sessions'];
const OF_A_TENANT = [
  'webhook_secrets',
  'subject_keys',
  'tasks',
  'texts',
  'reviews',
  'audit_entries',
  'decision_answers',
  'effects',
  'webhook_deliveries',
];
/** What is written once stays as it is: the role of tenants has no right to change it. */
const WRITTEN_ONCE = ['texts', 'audit_entries', 'effects', 'decision_answers', 'webhook_secrets'];

function rowsOfTheTenantOnly(table: string): string {
  const rights = WRITTEN_ONCE.includes(table) ? 'select, insert' : 'select, insert, update, delete';
  const isOfTheTenant = `(tenant = current_setting('countersign.tenant', true))`;
  return `
    alter table ${table} enable row level security;
    alter table ${table} force row level security;
    create policy of_the_tenant on ${table} to countersign_app using ${isOfTheTenant} with check ${isOfTheTenant};
    grant ${rights} on ${table} to countersign_app;`;
}

function allRowsForTheSystem(table: string): string {
  return `
    create policy of_the_system on ${table} to countersign_system using (true) with check (true);
    grant select, insert, update, delete on ${table} to countersign_system;`;
}

const RIGHTS = `
  grant select, insert on tenants to countersign_system;
  grant select, insert on policies to countersign_app, countersign_system;
  grant execute on function append_audit to countersign_app;`;

export async function up(db: Kysely<unknown>): Promise<void> {
  const rowLevelSecurity = [
    ...[...OF_A_TENANT, ...OF_A_TENANT_AND_THE_SYSTEM].map(rowsOfTheTenantOnly),
    ...OF_A_TENANT_AND_THE_SYSTEM.map(allRowsForTheSystem),
  ];
  const parts = [ROLES, TABLES_OF_THE_SYSTEM, TABLES_OF_TENANTS, APPEND_AUDIT, ...rowLevelSecurity, RIGHTS];
  await sql.raw(parts.join('\n')).execute(db);
}
