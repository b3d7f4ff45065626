import { createPresence } from '../../api/presence';
import { createLog } from '../../platform/log';
import { openStore } from '../../store/openStore';

/** Looks at a review, as a process of its own with someone's stream open does, until it is killed. */
async function run([databaseUrl = '', tenant = '', reviewId = '', actorId = '']: readonly string[]): Promise<void> {
  const store = await openStore({ databaseUrl });
  const log = createLog({ level: 'error', process: 'test' });
  const presence = createPresence({ store, clock: () => new Date(), log }, { sayEveryMs: 100, leaseMs: 1_000 });
  presence.enter({ tenant, reviewId, actorId, onChange: () => undefined });
}

void run(process.argv.slice(2));
