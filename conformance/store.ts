import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { findPostgres, startPostgres } from '../scripts/setup/postgres.mjs';
import type { Processes } from '../scripts/setup/Processes.mjs';
import { SetupError } from '../scripts/setup/SetupError.mjs';
import { signalGroup } from '../scripts/setup/stopGroup.mjs';
import { until } from './until';

/** A PostgreSQL of its own that can be killed and started again with its data. */
export interface Store {
  readonly databaseUrl: string;
  /** Kills it as a crash does, and starts it again. */
  restart(): Promise<void>;
}

export async function startStore(processes: Processes): Promise<Store> {
  const programs = findPostgres();
  if (programs === undefined)
    throw new SetupError('The suite needs PostgreSQL, and its server programs are not here.', [
      'install them: apt-get install postgresql',
    ]);
  const databaseUrl = await startPostgres({ processes, programs });
  const folder = await asked(databaseUrl, `select current_setting('data_directory') as value`);
  const { uid, gid } = statSync(folder);
  const options = readFileSync(join(folder, 'postmaster.opts'), 'utf8').matchAll(/"([^"]*)"/g);
  // The throw-away server confirms before it has written; a store that is killed must keep what it confirmed.
  const args = [...[...options].map((found) => found[1] ?? ''), '-c', 'synchronous_commit=on'];
  const pidOf = () => Number(readFileSync(join(folder, 'postmaster.pid'), 'utf8').split('\n')[0]);
  const restart = async () => {
    const pid = pidOf();
    process.kill(pid, 'SIGQUIT');
    await until('the end of PostgreSQL', () => !signalGroup(pid, 0), { isFine: (isGone) => isGone });
    await processes.start({
      name: 'PostgreSQL',
      command: join(programs, 'postgres'),
      args,
      cwd: folder,
      env: process.env,
      stopSignal: 'SIGINT',
      ...(process.getuid?.() === 0 ? { uid, gid } : {}),
    });
    await until('PostgreSQL', () => asked(databaseUrl, `select '1' as value`), { isFine: (value) => value === '1' });
  };
  await restart();
  return { databaseUrl, restart };
}

async function asked(databaseUrl: string, sql: string): Promise<string> {
  const client = new Client({ connectionString: databaseUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ value: string }>(sql);
    return rows[0]?.value ?? '';
  } finally {
    await client.end();
  }
}
