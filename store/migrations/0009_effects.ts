import { type Kysely, sql } from 'kysely';

/** What an effect was called with, so that one that was done counts for no other draft. Null: recorded before it was noted. */
const ARGUMENTS = `
alter table effects add column arguments_digest text;
`;

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(ARGUMENTS).execute(db);
}
