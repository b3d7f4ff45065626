import { join } from 'node:path';
import type { Processes } from '../../scripts/setup/Processes.mjs';
import { startUntilReady } from '../../scripts/setup/readyLine.mjs';
import { signalGroup, stopGroup } from '../../scripts/setup/stopGroup.mjs';
import type { Decision, NewTask, Shown, Status, System, Told, World } from '../adapter';
import { HARD_TEXT } from '../hardText';
import type { Json } from '../json';
import { until } from '../until';

export const PEERS = join(__dirname, '..', 'peers');
const READY = 'peer ready ';

export interface PeerProgram {
  readonly name: string;
  readonly world: World;
  readonly processes: Processes;
  readonly env: NodeJS.ProcessEnv;
  restartStore(): Promise<void>;
  /** Default: the engine is a library, so the program itself. */
  restartEngine?(): Promise<void>;
  /** The operations of its door besides those that all have. */
  readonly also: readonly ('waiting' | 'cancel' | 'reset' | 'answer' | 'trail')[];
}

/** A peer's program behind its HTTP door. */
export class PeerSystem implements System {
  private pid = 0;
  private url = '';
  readonly waiting?: () => Promise<readonly string[]>;
  readonly cancel?: (id: string) => Promise<Told>;
  readonly reset?: (id: string) => Promise<string>;
  readonly answer?: (id: string, text: string) => Promise<Told>;
  readonly trail?: (id: string) => Promise<readonly string[]>;

  private constructor(private readonly program: PeerProgram) {
    const has = (name: PeerProgram['also'][number]) => program.also.includes(name);
    if (has('waiting')) this.waiting = () => this.call('waiting');
    if (has('cancel')) this.cancel = (id) => this.told('cancel', { id });
    if (has('reset')) this.reset = (id) => this.call('reset', { id });
    if (has('answer')) this.answer = (id, text) => this.told('answer', { id, text });
    if (has('trail')) this.trail = (id) => this.call('trail', { id });
  }

  static async open(program: PeerProgram): Promise<PeerSystem> {
    const system = new PeerSystem(program);
    await system.restart();
    return system;
  }

  start(task: NewTask): Promise<string> {
    return this.call('start', task);
  }

  review(id: string): Promise<readonly Shown[] | null> {
    return this.call('review', { id });
  }

  decide(id: string, decision: Decision): Promise<Told> {
    return this.told('decide', { id, decision });
  }

  status(id: string): Promise<Status> {
    return this.call('status', { id });
  }

  corrections(): { valid: Json; invalid: Json } {
    return { valid: { text: HARD_TEXT, amount: 0.1 }, invalid: { text: 5 } };
  }

  kill(): void {
    signalGroup(this.pid, 'SIGKILL');
  }

  async restart(): Promise<void> {
    await until('the end of the program', () => this.pid === 0 || !signalGroup(this.pid, 0), {
      isFine: (isGone) => isGone,
    });
    const { name, world, processes, env } = this.program;
    const { said, pid } = await startUntilReady(
      processes,
      {
        name,
        command: process.execPath,
        args: [join(PEERS, name, 'program.mjs')],
        cwd: PEERS,
        env: { ...process.env, ...env, OUTSIDE_URL: world.outside.url },
        logFile: join(world.folder, `${name}.log`),
      },
      (line) => (line.startsWith(READY) ? line.slice(READY.length) : undefined),
    );
    this.pid = pid;
    this.url = said;
  }

  async deploy(): Promise<void> {
    await stopGroup(this.pid, { stopSignal: 'SIGTERM', graceMs: 10_000 });
    await this.restart();
  }

  async restartEngine(): Promise<void> {
    if (this.program.restartEngine !== undefined) return this.program.restartEngine();
    this.kill();
    await this.restart();
  }

  async restartStore(): Promise<void> {
    await this.program.restartStore();
    // What a supervisor does with a program that the loss of its store ended.
    if (!signalGroup(this.pid, 0)) await this.restart();
  }

  async close(): Promise<void> {
    await this.program.processes.stopAll();
  }

  private async told(operation: string, body: object): Promise<Told> {
    const { status, text } = await this.post(operation, body);
    const { decidedBy = null } = JSON.parse(text) as { decidedBy?: string | null };
    return { isAccepted: status === 200, decidedBy, said: text };
  }

  private async call<T>(operation: string, body: object = {}): Promise<T> {
    const { status, text } = await this.post(operation, body);
    if (status !== 200) throw new Error(`${operation} answered ${status}: ${text}`);
    return (JSON.parse(text) as { result: T }).result;
  }

  private async post(operation: string, body: object): Promise<{ status: number; text: string }> {
    const response = await fetch(`${this.url}/${operation}`, { method: 'POST', body: JSON.stringify(body) });
    return { status: response.status, text: await response.text() };
  }
}
