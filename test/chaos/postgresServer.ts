import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { startPostgres } from '../../scripts/setup/postgres.mjs';
import type { Processes } from '../../scripts/setup/Processes.mjs';
import { dead } from './installation';

/** A PostgreSQL of its own, which can be stopped and started with its data. */
export interface PostgresServer {
  readonly databaseUrl: string;
  /** `fast` ends its sessions and writes all to disk; `immediate` is a crash, from which it recovers at its start. */
  stop(how: 'fast' | 'immediate'): Promise<void>;
  start(): Promise<void>;
}

const SIGNALS = { fast: 'SIGINT', immediate: 'SIGQUIT' } as const;

export async function startPostgresServer(processes: Processes, programs: string): Promise<PostgresServer> {
  const databaseUrl = await startPostgres({ processes, programs });
  const folder = await dataFolderOf(databaseUrl);
  const { uid, gid } = statSync(folder);
  const args = readFileSync(join(folder, 'postmaster.opts'), 'utf8').matchAll(/"([^"]*)"/g);
  // As any server keeps what it has confirmed: the throw-away one writes it later.
  const lasting = [...[...args].map((found) => found[1] ?? ''), '-c', 'synchronous_commit=on'];
  const pidOf = () => Number(readFileSync(join(folder, 'postmaster.pid'), 'utf8').split('\n')[0]);
  const server: PostgresServer = {
    databaseUrl,
    stop: async (how) => {
      const pid = pidOf();
      process.kill(pid, SIGNALS[how]);
      await dead(pid);
    },
    start: async () => {
      const identity = process.getuid?.() === 0 ? { uid, gid } : {};
      const command = join(programs, 'postgres');
      await processes.start({
        name: 'PostgreSQL',
        command,
        args: lasting,
        cwd: folder,
        env: process.env,
        stopSignal: 'SIGINT',
        ...identity,
      });
      await answering(databaseUrl);
    },
  };
  await server.stop('fast');
  await server.start();
  return server;
}

async function dataFolderOf(databaseUrl: string): Promise<string> {
  return asked(databaseUrl, async (client) => {
    const { rows } = await client.query<{ folder: string }>(`select current_setting('data_directory') as folder`);
    if (!rows[0]) throw new Error('PostgreSQL does not say where its data are');
    return rows[0].folder;
  });
}

async function answering(databaseUrl: string): Promise<void> {
  for (let tries = 200; ; tries -= 1) {
    try {
      return await asked(databaseUrl, async (client) => void (await client.query('select 1')));
    } catch (error) {
      if (tries === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function asked<T>(databaseUrl: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: databaseUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
