import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type FakeCrm, startFakeCrm } from '../../fakes/crm';
import { startFakeBank } from '../../fakes/bank';
import type { Scope } from '../../contracts/words/vocabulary';
import { anyFreePort } from '../../scripts/setup/freePort.mjs';
import { findPostgres } from '../../scripts/setup/postgres.mjs';
import { Processes } from '../../scripts/setup/Processes.mjs';
import { readyOf, startUntilReady } from '../../scripts/setup/readyLine.mjs';
import { signalGroup } from '../../scripts/setup/stopGroup.mjs';
import { createApiKey } from '../../store/apiKeys';
import { openStore } from '../../store/openStore';
import { dead } from '../../test/chaos/installation';
import { type PostgresServer, startPostgresServer } from '../../test/chaos/postgresServer';
import { startTemporal } from '../../test/support/temporal';

const ROOT = path.join(__dirname, '..', '..');
const TENANT = 'default';

interface Member {
  readonly role: 'api' | 'worker';
  readonly env: NodeJS.ProcessEnv;
  /** Of an API. */
  readonly url: string | null;
  /** Null while it is being started again. */
  pid: number | null;
}

export type Victim = 'api' | 'worker' | 'store';

/** The product as in production: APIs and workers as processes of their own, on PostgreSQL and Temporal, which are killed and come again. */
export class Fleet {
  readonly killed: Record<Victim, number> = { api: 0, worker: 0, store: 0 };
  private isStopping = false;
  private readonly revivals = new Set<Promise<void>>();

  private constructor(
    readonly crm: FakeCrm,
    private readonly processes: Processes,
    private readonly postgres: PostgresServer,
    private readonly members: readonly Member[],
    private readonly closeFakes: () => Promise<unknown>,
  ) {}

  static async open(count: { readonly apis: number; readonly workers: number }): Promise<Fleet> {
    const programs = findPostgres();
    if (programs === undefined)
      throw new Error('PostgreSQL is not installed here, and the store is to be killed: install it');
    const processes = new Processes();
    const [postgres, bank, crm] = await Promise.all([
      startPostgresServer(processes, programs),
      startFakeBank(),
      startFakeCrm(),
    ]);
    await startTemporal(processes, console.error);
    const home = mkdtempSync(path.join(tmpdir(), 'countersign-races-'));
    await processes.removeAtEnd(home);
    const env = {
      ...process.env,
      ...{ DATABASE_URL: postgres.databaseUrl, COUNTERSIGN_HOME: home },
      ...{ COUNTERSIGN_MASTER_KEY: randomBytes(32).toString('base64'), COUNTERSIGN_TASK_QUEUE: 'races' },
      ...{ COUNTERSIGN_BANK_URL: bank.url, COUNTERSIGN_CRM_URL: crm.url },
      COUNTERSIGN_MODEL_CACHE_DIR: path.join(ROOT, 'node_modules', '.cache', 'countersign-test'),
      COUNTERSIGN_WEIGHTS_DIR: path.join(home, 'weights'),
    };
    const members: Member[] = [];
    for (let index = 0; index < count.apis; index += 1) {
      const port = await anyFreePort();
      members.push({ role: 'api', env: { ...env, PORT: String(port) }, url: `http://127.0.0.1:${port}`, pid: null });
    }
    for (let index = 0; index < count.workers; index += 1) members.push({ role: 'worker', env, url: null, pid: null });
    const closeFakes = () => Promise.all([bank.close(), crm.close()]);
    const fleet = new Fleet(crm, processes, postgres, members, closeFakes);
    // One after the other: the first one migrates.
    for (const member of members) await fleet.begin(member);
    return fleet;
  }

  /** An API that is up now; null when there is none. */
  url(): string | null {
    const up = this.members.filter(({ url, pid }) => url !== null && pid !== null);
    return up[Math.floor(Math.random() * up.length)]?.url ?? null;
  }

  async key(scopes: readonly Scope[], name: string): Promise<string> {
    const store = await openStore({ databaseUrl: this.postgres.databaseUrl });
    try {
      const request = { name, scopes, at: new Date().toISOString(), expiresAt: null };
      return (await store.inTenant(TENANT, (tx) => createApiKey(tx, request))).secret;
    } finally {
      await store.close();
    }
  }

  /** Kills one of a kind at once, with nothing said, and starts it again in the background. */
  async kill(victim: Victim): Promise<void> {
    if (victim === 'store') {
      this.killed.store += 1;
      await this.postgres.stop('immediate');
      await this.postgres.start();
      return;
    }
    const alive = this.members.filter(({ role, pid }) => role === victim && pid !== null);
    const member = alive[Math.floor(Math.random() * alive.length)];
    if (!member?.pid) return;
    const { pid } = member;
    member.pid = null;
    this.killed[victim] += 1;
    signalGroup(pid, 'SIGKILL');
    await dead(pid);
    const revival = this.revive(member).finally(() => this.revivals.delete(revival));
    this.revivals.add(revival);
  }

  async close(): Promise<void> {
    this.isStopping = true;
    await Promise.all(this.revivals);
    await this.processes.stopAll();
    await this.closeFakes();
  }

  /** A start can fail while the store is away, as a process manager sees it: it tries again. */
  private async revive(member: Member): Promise<void> {
    while (!this.isStopping) {
      const failure = await this.begin(member).then(
        () => null,
        (error: unknown) => error,
      );
      if (failure === null) return;
      await pause(500);
    }
  }

  private async begin(member: Member): Promise<void> {
    const { pid } = await startUntilReady(
      this.processes,
      {
        name: member.role,
        command: process.execPath,
        args: ['--import', 'tsx', 'cli/main.ts', member.role],
        cwd: ROOT,
        env: member.env,
        logFile: process.env['RACES_LOG'] ?? path.join(String(member.env['COUNTERSIGN_HOME']), 'product.log'),
      },
      readyOf,
    );
    member.pid = pid;
  }
}
