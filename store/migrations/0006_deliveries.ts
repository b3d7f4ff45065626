import { type Kysely, sql } from 'kysely';

/** Deliveries whose effects may have begun: what had to be still true was so. Written once. */
const TABLE = `
create table deliveries_begun (
  tenant text not null,
  task_id text not null,
  permit text not null,
  at timestamptz not null,
  primary key (tenant, task_id, permit),
  foreign key (tenant, task_id) references tasks (tenant, id)
);
alter table deliveries_begun enable row level security;
alter table deliveries_begun force row level security;
create policy of_the_tenant on deliveries_begun to countersign_app
  using (tenant = current_setting('countersign.tenant', true))
  with check (tenant = current_setting('countersign.tenant', true));
grant select, insert on deliveries_begun to countersign_app;
`;

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(TABLE).execute(db);
}
