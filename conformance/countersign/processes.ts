import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type FakeSlack, startFakeSlack } from '../../fakes/slack';
import { ensureTemporal } from '../../scripts/setup/ensureTemporal.mjs';
import { anyFreePort } from '../../scripts/setup/freePort.mjs';
import { Processes } from '../../scripts/setup/Processes.mjs';
import { readyOf, startUntilReady } from '../../scripts/setup/readyLine.mjs';
import { SetupError } from '../../scripts/setup/SetupError.mjs';
import { signalGroup, stopGroup } from '../../scripts/setup/stopGroup.mjs';
import { startTemporalServer } from '../../scripts/setup/temporalServer.mjs';
import type { World } from '../adapter';
import { startStore, type Store } from '../store';
import { until } from '../until';
import { Mailbox } from './mailbox';

const ROOT = join(__dirname, '..', '..');
const GRACE_MS = 20_000;

export interface Doors {
  readonly baseUrl: string;
  readonly adminApiKey: string;
  readonly callerApiKey: string;
  readonly otherTenantsKey: string;
}

/** The processes of an installation on PostgreSQL: engine, store, API and worker, each of which can be killed by itself. */
export class CountersignProcesses {
  private readonly pids = new Map<'api' | 'worker', number>();
  private doors: Doors | null = null;

  private constructor(
    private readonly processes: Processes,
    private readonly world: World,
    readonly store: Store,
    private readonly engine: Engine,
    readonly mailbox: Mailbox,
    readonly slack: FakeSlack,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  static async open(world: World): Promise<CountersignProcesses> {
    const processes = new Processes();
    const [store, engine] = await Promise.all([startStore(processes), startEngine(processes, world)]);
    const [mailbox, slack] = await Promise.all([Mailbox.open(), startFakeSlack()]);
    const port = await anyFreePort();
    const home = join(world.folder, 'home');
    mkdirSync(home, { recursive: true });
    const { DATABASE_URL: _unused, ...inherited } = process.env;
    const env = {
      ...inherited,
      DATABASE_URL: store.databaseUrl,
      TEMPORAL_ADDRESS: engine.address,
      TEMPORAL_SHUTDOWN_GRACE_SECONDS: '5',
      PORT: String(port),
      COUNTERSIGN_PUBLIC_URL: `http://127.0.0.1:${port}`,
      COUNTERSIGN_SMTP_URL: mailbox.url,
      COUNTERSIGN_MAIL_FROM: 'countersign@example.com',
      SLACK_BOT_TOKEN: slack.token,
      SLACK_SIGNING_SECRET: slack.signingSecret,
      SLACK_API_URL: slack.apiUrl,
      SLACK_CHANNELS: JSON.stringify([{ queue: '*', channel: 'C0CONFORMANCE' }]),
      COUNTERSIGN_HOME: home,
      COUNTERSIGN_MASTER_KEY: randomBytes(32).toString('base64'),
      COUNTERSIGN_WEIGHTS_DIR: join(world.folder, 'weights'),
      COUNTERSIGN_WEBHOOKS_ALLOW_PRIVATE_ADDRESSES: 'true',
      OPENAI_BASE_URL: `${world.outside.url}/v1`,
      OPENAI_MODEL: 'conformance',
      OPENAI_INPUT_MICRO_USD_PER_MILLION_TOKENS: '1000000',
      OPENAI_OUTPUT_MICRO_USD_PER_MILLION_TOKENS: '1000000',
      OUTSIDE_URL: world.outside.url,
      LOG_LEVEL: 'warn',
    };
    const made = new CountersignProcesses(processes, world, store, engine, mailbox, slack, env);
    await made.start();
    return made;
  }

  get ways(): Doors {
    if (this.doors === null) throw new Error('the API has not said where it is');
    return this.doors;
  }

  /** The API first: it puts the schema in place. */
  async start(): Promise<void> {
    await this.gone();
    const { said } = await this.run('api');
    this.doors = said as unknown as Doors;
    await this.run('worker');
  }

  kill(): void {
    for (const pid of this.pids.values()) signalGroup(pid, 'SIGKILL');
  }

  /** Stops both as an operator does. */
  async stop(): Promise<void> {
    const how = { stopSignal: 'SIGTERM', graceMs: GRACE_MS } as const;
    await Promise.all([...this.pids.values()].map((pid) => stopGroup(pid, how)));
  }

  async restartEngine(): Promise<void> {
    await this.engine.restart();
  }

  /** What the product itself says of the audit trail of a task. */
  async verifies(taskId: string): Promise<boolean> {
    const { said } = await this.run('verify', { CONFORMANCE_TASK: taskId });
    return (said as { isIntact?: boolean }).isIntact === true;
  }

  temporal(args: readonly string[]): Promise<string> {
    return this.engine.command(args);
  }

  async close(): Promise<void> {
    await this.processes.stopAll();
    await Promise.all([this.mailbox.close(), this.slack.close()]);
  }

  private async run(role: 'api' | 'worker' | 'verify', more: NodeJS.ProcessEnv = {}) {
    const started = await startUntilReady(
      this.processes,
      {
        name: role,
        command: process.execPath,
        args: ['--import', 'tsx', 'conformance/countersign/program.ts'],
        cwd: ROOT,
        env: { ...this.env, ...more, CONFORMANCE_ROLE: role },
        logFile: join(this.world.folder, `${role}.log`),
      },
      readyOf,
    );
    if (role === 'verify') await stopGroup(started.pid, { stopSignal: 'SIGTERM', graceMs: GRACE_MS });
    else this.pids.set(role, started.pid);
    return started;
  }

  private async gone(): Promise<void> {
    const isAlive = () => [...this.pids.values()].some((pid) => signalGroup(pid, 0));
    await until('the end of the processes', isAlive, { isFine: (alive) => !alive });
  }
}

interface Engine {
  readonly address: string;
  restart(): Promise<void>;
  /** Runs the engine's own command line. */
  command(args: readonly string[]): Promise<string>;
}

async function startEngine(processes: Processes, world: World): Promise<Engine> {
  const found = await ensureTemporal({ root: ROOT, env: { ...process.env, TEMPORAL_ADDRESS: '' }, log: console.error });
  if (found.kind !== 'cli')
    throw new SetupError('The suite needs a Temporal of its own, since it kills it.', ['unset TEMPORAL_ADDRESS']);
  const options = {
    processes,
    cli: found.path,
    cwd: world.folder,
    port: await anyFreePort(),
    dbFile: join(world.folder, 'temporal.db'),
    logFile: join(world.folder, 'temporal.log'),
  };
  let { pid, address } = await startTemporalServer(options);
  const restart = async () => {
    signalGroup(pid, 'SIGKILL');
    await until('the end of Temporal', () => signalGroup(pid, 0), { isFine: (alive) => !alive });
    ({ pid, address } = await startTemporalServer(options));
  };
  return { address, restart, command: (args) => commandOf(found.path, [...args, '--address', address]) };
}

async function commandOf(path: string, args: readonly string[]): Promise<string> {
  const { execFile } = await import('node:child_process');
  return new Promise((resolve, reject) => {
    execFile(path, [...args], (error, stdout, stderr) => (error ? reject(new Error(stderr)) : resolve(stdout)));
  });
}
