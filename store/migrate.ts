import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Kysely, type Migration, Migrator } from 'kysely';
import * as spine from './migrations/0001_spine';
import * as members from './migrations/0002_members';
import * as inbox from './migrations/0003_inbox';
import * as notifications from './migrations/0004_notifications';
import * as reviewers from './migrations/0005_reviewers';
import * as deliveries from './migrations/0006_deliveries';
import * as budgets from './migrations/0007_budgets';
import * as changes from './migrations/0008_changes';
import * as effects from './migrations/0009_effects';

/** In the order of their numbers. One that was released is never edited: a change of the tables is a new one. */
const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001_spine': spine,
  '0002_members': members,
  '0003_inbox': inbox,
  '0004_notifications': notifications,
  '0005_reviewers': reviewers,
  '0006_deliveries': deliveries,
  '0007_budgets': budgets,
  '0008_changes': changes,
  '0009_effects': effects,
};

/**
 * Brings the database to the newest migration, under an advisory lock: of several processes that start at once, one migrates and
 * the others wait. All pending migrations are one transaction.
 */
export async function migrate<Tables>(db: Kysely<Tables>): Promise<void> {
  const provider = { getMigrations: () => Promise.resolve({ ...MIGRATIONS }) };
  const { error, results } = await new Migrator({ db, provider }).migrateToLatest();
  if (error === undefined) return;
  const failed = results?.find((result) => result.status === 'Error')?.migrationName;
  throw new Error(
    failed === undefined
      ? 'the store could not be migrated; nothing was changed. It may be newer than this version of Countersign.'
      : `the migration ${failed} failed; nothing was changed`,
    { cause: error },
  );
}

/** Names a database image: another set of migrations has another fingerprint. */
export function migrationsFingerprint(): string {
  const folder = join(__dirname, 'migrations');
  const hash = createHash('sha256');
  for (const name of readdirSync(folder).sort()) hash.update(name).update(readFileSync(join(folder, name)));
  return hash.digest('hex').slice(0, 16);
}
