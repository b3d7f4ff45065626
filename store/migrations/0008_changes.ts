import { type Kysely, sql } from 'kysely';

/**
 * When each review was written last, by the clock of the database, so that changes of which nobody told can be found. By a trigger,
 * so that processes of an earlier version set it too. What is held may also wait for the caller: leases are found in any status.
 */
const CHANGES = `
alter table reviews add column written_at timestamptz not null default now();
create function note_writing() returns trigger language plpgsql as $$
begin
  new.written_at := now();
  return new;
end $$;
create trigger written before update on reviews for each row execute function note_writing();
create index reviews_by_writing on reviews (tenant, written_at);
drop index reviews_by_lease;
create index reviews_by_lease on reviews (tenant, claimed_until) where claimed_until is not null;
`;

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(CHANGES).execute(db);
}
