import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { reviewIdOf } from '../../contracts/words/names';
import { Processes } from '../../scripts/setup/Processes.mjs';
import { readyOf, startUntilReady } from '../../scripts/setup/readyLine.mjs';
import { signalGroup, stopGroup } from '../../scripts/setup/stopGroup.mjs';
import { startFakeBank } from '../../fakes/bank';
import { type FakeCrm, startFakeCrm } from '../../fakes/crm';
import { createKeyring, type Keyring } from '../../platform/encryption/keyring';
import { readAudit, verifyChain } from '../../store/audit';
import { openStore } from '../../store/openStore';
import { type Answer, type Asking, ask } from '../api/testApi';

const ROOT = join(__dirname, '..', '..');
const CLASSIFIERS = join(ROOT, 'node_modules', '.cache', 'countersign-test');
const TENANT = 'default';

const AUDIT_RATE = 0.01;

export interface ChaosOptions {
  readonly temporalAddress: string;
  /** Default: the embedded store in the home folder. */
  readonly databaseUrl?: string;
  /** The name of a task whose effects get a new key at each attempt: a planted fault. */
  readonly forgetful?: string;
}

export interface Trail {
  readonly isIntact: boolean;
  /** All but refused decisions, which a decision that is asked for again may leave. */
  readonly kinds: readonly string[];
}

/** What outlives every process of the product, and the processes that come and go. */
export class ChaosInstallation {
  readonly processes = new Processes();
  readonly home = mkdtempSync(join(tmpdir(), 'countersign-chaos-'));
  readonly chaosFile = join(this.home, 'armed.json');
  /** Its own, so that its tasks, and with them its workflows, have other ids than those of others on the same Temporal. */
  private readonly masterKey = randomBytes(32);
  private readonly keyring: Keyring = createKeyring(this.masterKey);
  private baseUrl = '';
  private adminKey = '';
  private keys: { readonly caller: string; readonly reviewer: string } | null = null;

  private constructor(
    readonly crm: FakeCrm,
    private readonly env: NodeJS.ProcessEnv,
    private readonly closeFakes: () => Promise<unknown>,
  ) {}

  static async open({ temporalAddress, databaseUrl, forgetful = '' }: ChaosOptions): Promise<ChaosInstallation> {
    const [bank, crm] = await Promise.all([startFakeBank(), startFakeCrm()]);
    const { DATABASE_URL: _unused, ...inherited } = process.env;
    const settings = {
      ...inherited,
      ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
      PORT: '0',
      TEMPORAL_ADDRESS: temporalAddress,
      COUNTERSIGN_BANK_URL: bank.url,
      COUNTERSIGN_CRM_URL: crm.url,
      COUNTERSIGN_MODEL_CACHE_DIR: CLASSIFIERS,
      COUNTERSIGN_WEBHOOKS_ALLOW_PRIVATE_ADDRESSES: 'true',
      COUNTERSIGN_GRANTS: JSON.stringify([
        { type: 'bank-support', class: 'exchange_rate', threshold: 0.5, auditRate: AUDIT_RATE },
      ]),
      TEMPORAL_SHUTDOWN_GRACE_SECONDS: '2',
    };
    const made = new ChaosInstallation(crm, settings, () => Promise.all([bank.close(), crm.close()]));
    Object.assign(made.env, {
      COUNTERSIGN_HOME: made.home,
      COUNTERSIGN_MASTER_KEY: made.masterKey.toString('base64'),
      // An empty folder: the linear encoder alone, which is ready at once.
      COUNTERSIGN_WEIGHTS_DIR: join(made.home, 'weights'),
      COUNTERSIGN_TASK_QUEUE: made.home,
      CHAOS_FILE: made.chaosFile,
      CHAOS_FORGETFUL: made.taskIdOf(forgetful),
    });
    await made.processes.removeAtEnd(made.home);
    return made;
  }

  /** Starts a process of the product and gives its id. */
  async start(role: 'start' | 'api' | 'worker' = 'start'): Promise<number> {
    const { said, pid } = await startUntilReady(
      this.processes,
      {
        name: role,
        command: process.execPath,
        args: ['--import', 'tsx', 'test/chaos/product.ts'],
        cwd: ROOT,
        env: { ...this.env, CHAOS_ROLE: role, ...(role === 'worker' ? {} : { COUNTERSIGN_LOCAL: '1' }) },
        logFile: this.logFile,
      },
      readyOf,
    );
    if (said.baseUrl !== undefined) this.baseUrl = said.baseUrl;
    if (said.adminApiKey !== undefined) this.adminKey = said.adminApiKey;
    if (role !== 'worker')
      this.keys ??= { caller: await this.makeKey('caller'), reviewer: await this.makeKey('reviewer') };
    return pid;
  }

  get logFile(): string {
    return process.env['CHAOS_LOG'] ?? join(this.home, 'product.log');
  }

  /** Asks the product's API as the caller of tasks, or as a reviewer. Null: there was no answer, since the process is gone. */
  async ask(call: string, asking: Omit<Asking, 'key'> = {}): Promise<Answer | null> {
    const key = call.includes('/v1/reviews') ? this.keys?.reviewer : this.keys?.caller;
    try {
      return await ask({ url: this.baseUrl }, call, { ...asking, ...(key === undefined ? {} : { key }) });
    } catch (error) {
      // By its name: what Node throws is no instance of the TypeError of Jest's realm.
      if ((error as Error).name !== 'TypeError') throw error;
      return null;
    }
  }

  /** The id of the task that is posted under this name. */
  taskIdOf(name: string): string {
    return this.keyring.taskId(TENANT, this.keyOf(name));
  }

  /** The name as an Idempotency-Key, whose task the audit lottery does not draw. */
  private keyOf(name: string): string {
    for (let attempt = 0; ; attempt += 1) {
      const key = `${name} ${attempt}`;
      if (this.keyring.lottery(TENANT, this.keyring.taskId(TENANT, key)) >= AUDIT_RATE) return key;
    }
  }

  /** Posts a message of a customer; the same name is the same task. */
  post(name: string, message: string, more: object = {}): Promise<Answer | null> {
    const json = { type: 'bank-support', input: { message, customerId: 'cus_1001' }, ...more };
    return this.ask('POST /v1/tasks', { json, headers: { 'idempotency-key': this.keyOf(name) } });
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test reads what it expects, and fails where it isn't there
  async read(path: string): Promise<any> {
    return (await this.ask(`GET ${path}`))?.body;
  }

  /** Approves what the review shows, under one Idempotency-Key however often it is called. */
  approve(taskId: string, digest: string): Promise<Answer | null> {
    const headers = { 'idempotency-key': `approves ${taskId}` };
    return this.ask(`POST /v1/reviews/${reviewIdOf(taskId)}/decision`, {
      json: { action: 'approve', digest },
      headers,
    });
  }

  /** Asks until it is answered that the review is approved, by now or since an earlier call. */
  async approved(taskId: string, digest: string): Promise<Answer | null> {
    const answer = await until(
      () => this.approve(taskId, digest),
      (given) => given?.status === 200,
    );
    const { action, digest: decided } = answer?.body.decision ?? {};
    if (action === 'approve' && decided === digest) return answer;
    throw new Error(`another decision was answered: ${JSON.stringify(answer?.body)}`);
  }

  /** The digest under review, once there is one. */
  async opened(taskId: string): Promise<string> {
    const review = await until(
      () => this.read(`/v1/reviews/${reviewIdOf(taskId)}`),
      (body) => body?.status === 'open',
    );
    return review.digest as string;
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
  ended(taskId: string): Promise<any> {
    return until(
      () => this.read(`/v1/tasks/${taskId}?waitSeconds=5`),
      (body) => body?.status === 'completed',
    );
  }

  /** What the CRM recorded for a task. */
  recordedFor(taskId: string) {
    return this.crm.interactions.filter(({ idempotencyKey }) => idempotencyKey.startsWith(taskId));
  }

  /** The audit trails of tasks: whether each is whole, and what happened. The embedded store must have no other owner. */
  async trails(taskIds: readonly string[]): Promise<readonly Trail[]> {
    const { DATABASE_URL: databaseUrl } = this.env;
    const store = await openStore(
      databaseUrl === undefined ? { directory: join(this.home, 'store') } : { databaseUrl },
    );
    try {
      const trails: Trail[] = [];
      for (const taskId of taskIds) {
        const entries = await store.inTenant(TENANT, (tx) => readAudit(tx, taskId));
        const { isIntact } = verifyChain(entries, { tenant: TENANT, taskId });
        trails.push({ isIntact, kinds: entries.map(({ kind }) => kind).filter((kind) => kind !== 'decision_refused') });
      }
      return trails;
    } finally {
      await store.close();
    }
  }

  /** Stops a process as an operator does, and waits until it is gone. */
  async stop(pid: number): Promise<void> {
    await stopGroup(pid, { stopSignal: 'SIGTERM', graceMs: 15_000 });
    await dead(pid);
  }

  /** Stops everything and removes it; the CRM's records stay readable. */
  async close(): Promise<void> {
    await this.processes.stopAll();
    await this.closeFakes();
  }

  private async makeKey(name: string): Promise<string> {
    const scopes = name === 'caller' ? ['tasks:read', 'tasks:write'] : ['reviews:read', 'reviews:decide', 'tasks:read'];
    const made = await ask({ url: this.baseUrl }, 'POST /v1/api-keys', { key: this.adminKey, json: { name, scopes } });
    if (made.status !== 201) throw new Error(`no key was made: ${JSON.stringify(made.body)}`);
    return made.body.key as string;
  }
}

/** Kills a process as a crash does: at once, with nothing said. */
export async function kill(pid: number): Promise<void> {
  signalGroup(pid, 'SIGKILL');
  await dead(pid);
}

export async function dead(pid: number): Promise<void> {
  await until(
    () => Promise.resolve(signalGroup(pid, 0)),
    (isThere) => !isThere,
  );
}

/** Polls until the condition holds, for at most so many seconds. */
export async function until<T>(read: () => Promise<T>, isFine: (value: T) => boolean, seconds = 60): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const value = await read();
    if (isFine(value)) return value;
    if (Date.now() > deadline) throw new Error(`it did not come true within ${seconds} s: ${JSON.stringify(value)}`);
    await pause(50);
  }
}
