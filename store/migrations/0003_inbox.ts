import { type Kysely, sql } from 'kysely';

/**
 * What reviews share that lists are filtered by: where they are, of which type and class, and why. A review points to its group by
 * one small number, which an index can hold; groups never change, and there are as many as there are combinations in use.
 */
const GROUPS = `
create table review_groups (
  tenant text not null references tenants (id),
  id integer generated always as identity,
  queue text not null,
  also_queue text not null,
  type text not null,
  class text not null,
  reasons text[] not null,
  primary key (tenant, id),
  unique (tenant, queue, also_queue, type, class, reasons)
);
`;

/** How many reviews a group has in each status, kept by triggers: the sum of the slots. Concurrent writers use different slots. */
const COUNTS = `
create table review_counts (
  tenant text not null,
  group_id integer not null,
  status text not null,
  slot smallint not null,
  count bigint not null,
  primary key (tenant, group_id, status, slot),
  foreign key (tenant, group_id) references review_groups (tenant, id)
) with (fillfactor = 50);
`;

/**
 * The due time as an order has it, where none is last both ways. Columns, since a comparison with `coalesce` is not known to be
 * leakproof, and row-level security keeps what is not from the index.
 */
const COLUMNS = `
alter table reviews
  add column also_queue text check (also_queue <> queue),
  add column roles text[] not null default '{}',
  add column is_overdue boolean not null default false,
  add column assigned_by text,
  add column approvals_given smallint not null default 0,
  add column approvals_needed smallint not null default 1,
  add column due_ascending timestamptz not null generated always as (coalesce(due_at, 'infinity')) stored,
  add column due_descending timestamptz not null generated always as (coalesce(due_at, '-infinity')) stored,
  add column is_closed boolean not null generated always as (status = 'closed') stored,
  add column group_id integer;
`;

const KEEPING = `
create function review_group_of(of_tenant text, of_queue text, of_also text, of_type text, of_class text, of_reasons text[])
returns integer language plpgsql as $$
declare
  found_id integer;
begin
  for attempt in 1..2 loop
    select id into found_id from review_groups
      where tenant = of_tenant and queue = of_queue and also_queue = coalesce(of_also, '') and type = of_type
        and class = coalesce(of_class, '') and reasons = of_reasons;
    exit when found;
    -- Where another makes it at the same time this waits, inserts nothing, and finds it the next time.
    insert into review_groups (tenant, queue, also_queue, type, class, reasons)
      values (of_tenant, of_queue, coalesce(of_also, ''), of_type, coalesce(of_class, ''), of_reasons)
      on conflict do nothing returning id into found_id;
    exit when found;
  end loop;
  return found_id;
end $$;

create function group_review() returns trigger language plpgsql as $$
begin
  new.group_id := review_group_of(new.tenant, new.queue, new.also_queue, new.type, new.class, new.reasons);
  return new;
end $$;

create function count_reviews(of_tenant text, of_group integer, of_status text, difference integer) returns void language sql as $$
  insert into review_counts (tenant, group_id, status, slot, count)
    values (of_tenant, of_group, of_status, pg_backend_pid() % 8, difference)
    on conflict (tenant, group_id, status, slot) do update set count = review_counts.count + excluded.count;
$$;

create function recount_review() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    perform count_reviews(new.tenant, new.group_id, new.status, 1);
  elsif tg_op = 'DELETE' then
    perform count_reviews(old.tenant, old.group_id, old.status, -1);
  -- Always in the same order, so that no two transactions wait for each other.
  elsif (old.group_id, old.status) < (new.group_id, new.status) then
    perform count_reviews(old.tenant, old.group_id, old.status, -1);
    perform count_reviews(new.tenant, new.group_id, new.status, 1);
  else
    perform count_reviews(new.tenant, new.group_id, new.status, 1);
    perform count_reviews(old.tenant, old.group_id, old.status, -1);
  end if;
  return null;
end $$;
`;

/** The migration sees all rows: its role owns the tables, on which row-level security is not forced meanwhile. */
const EXISTING = `
alter table reviews no force row level security;
update reviews set group_id = review_group_of(tenant, queue, also_queue, type, class, reasons);
alter table reviews force row level security;
insert into review_counts (tenant, group_id, status, slot, count)
  select tenant, group_id, status, 0, count(*) from reviews group by tenant, group_id, status;
alter table reviews alter column group_id set not null;
`;

const TRIGGERS = `
create trigger grouped_when_opened before insert on reviews for each row execute function group_review();
create trigger grouped_when_moved before update on reviews for each row
  when ((old.queue, old.type, old.reasons) <> (new.queue, new.type, new.reasons)
    or old.also_queue is distinct from new.also_queue or old.class is distinct from new.class)
  execute function group_review();
create trigger counted after insert or delete on reviews for each row execute function recount_review();
create trigger counted_when_changed after update on reviews for each row
  when (old.group_id <> new.group_id or old.status <> new.status) execute function recount_review();
`;

/** One for each order of the list, in which a page is read from its first row; then those that find few rows among many. */
const INDEXES = `
drop index reviews_to_decide;
drop index reviews_by_opening;
create index reviews_by_due on reviews (tenant, is_closed, due_ascending, opened_at, priority, id);
create index reviews_by_due_backwards on reviews (tenant, is_closed, due_descending, id);
create index reviews_by_opening on reviews (tenant, is_closed, opened_at, id);
create index reviews_by_priority on reviews (tenant, is_closed, priority, due_ascending, opened_at, id);
create index reviews_by_urgency on reviews (tenant, due_ascending, priority, opened_at, id) where not is_closed;
create index reviews_by_group on reviews (tenant, status, group_id);
create index reviews_by_holder on reviews (tenant, claimed_by) where claimed_by is not null;
create index reviews_by_lease on reviews (tenant, claimed_until) where status = 'claimed';
create index reviews_to_be_late on reviews (tenant, due_at) include (group_id, status, claimed_until) where not is_closed;
`;

function rowsOfTheTenantOnly(table: string, rights: string): string {
  const isOfTheTenant = `(tenant = current_setting('countersign.tenant', true))`;
  return `
    alter table ${table} enable row level security;
    alter table ${table} force row level security;
    create policy of_the_tenant on ${table} to countersign_app using ${isOfTheTenant} with check ${isOfTheTenant};
    grant ${rights} on ${table} to countersign_app;`;
}

export async function up(db: Kysely<unknown>): Promise<void> {
  const rights = [
    rowsOfTheTenantOnly('review_groups', 'select, insert'),
    rowsOfTheTenantOnly('review_counts', 'select, insert, update'),
  ];
  const before = [GROUPS, COUNTS, COLUMNS, KEEPING, EXISTING, TRIGGERS, INDEXES];
  await sql.raw([...before, ...rights].join('\n')).execute(db);
}
