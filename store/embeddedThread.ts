import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

export interface EmbeddedStart {
  /** The folder of the data; null keeps them in memory. */
  readonly dataDir: string | null;
  /** What a new database starts from, as `dump` gave it; null for an empty one. */
  readonly image: Uint8Array | null;
}

export type EmbeddedRequest =
  | { readonly kind: 'wire'; readonly connection: number; readonly bytes: Uint8Array }
  | { readonly kind: 'dump' | 'close' };

export type EmbeddedAnswer =
  | { readonly kind: 'wire'; readonly connection: number; readonly bytes: Uint8Array }
  | { readonly kind: 'dump'; readonly bytes: Uint8Array }
  | { readonly kind: 'ready' | 'closed' };

export interface EmbeddedListener {
  readonly onBytes: (bytes: Uint8Array) => void;
  /** The thread has ended without being asked to. */
  readonly onEnd: (error: Error) => void;
}

export interface EmbeddedConnection {
  send(bytes: Uint8Array): void;
  detach(): void;
}

interface Waiting {
  readonly kind: EmbeddedAnswer['kind'];
  readonly resolve: (answer: EmbeddedAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** The thread that runs the embedded database: bytes of the wire protocol go in and come out, for one connection at a time. */
export class EmbeddedThread {
  #connection = 0;
  #listener: EmbeddedListener | null = null;
  #ended: Error | null = null;
  #waiting: Waiting | null = null;

  private constructor(private readonly worker: Worker) {
    worker.on('message', (answer: EmbeddedAnswer) => this.#receive(answer));
    worker.on('error', (cause) =>
      this.#end(new Error('the thread of the embedded store failed; restart the process', { cause })),
    );
    worker.on('exit', () => this.#end(new Error('the thread of the embedded store has ended')));
  }

  /** Resolves when the database answers. */
  static async start(start: EmbeddedStart): Promise<EmbeddedThread> {
    // Beside this file, and plain JavaScript: the same under node, tsx and Jest. `execArgv` keeps loaders out of the thread.
    const worker = new Worker(join(__dirname, 'pgliteWorker.mjs'), { workerData: start, execArgv: [] });
    const thread = new EmbeddedThread(worker);
    await thread.#next('ready');
    return thread;
  }

  /** Opens a connection in place of the one before, whose late answers are dropped. */
  connect(listener: EmbeddedListener): EmbeddedConnection {
    this.#connection += 1;
    const connection = this.#connection;
    this.#listener = listener;
    if (this.#ended !== null) process.nextTick(listener.onEnd, this.#ended);
    return {
      send: (bytes) => this.#post({ kind: 'wire', connection, bytes }),
      detach: () => {
        if (this.#listener === listener) this.#listener = null;
      },
    };
  }

  /** The whole database as bytes, for `EmbeddedStart.image`. */
  async dump(): Promise<Uint8Array> {
    this.#post({ kind: 'dump' });
    const answer = await this.#next('dump');
    if (answer.kind !== 'dump') throw new TypeError(`expected a dump, got ${answer.kind}`);
    return answer.bytes;
  }

  /** Shuts the database down, then the thread. */
  async close(): Promise<void> {
    if (this.#ended === null) {
      this.#post({ kind: 'close' });
      await this.#next('closed').catch(() => undefined);
    }
    await this.worker.terminate();
  }

  #post(request: EmbeddedRequest): void {
    this.worker.postMessage(request);
  }

  #next(kind: EmbeddedAnswer['kind']): Promise<EmbeddedAnswer> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#waiting = { kind, resolve, reject };
    });
  }

  #receive(answer: EmbeddedAnswer): void {
    if (answer.kind === 'wire') {
      if (answer.connection === this.#connection) this.#listener?.onBytes(answer.bytes);
    } else if (this.#waiting?.kind === answer.kind) {
      this.#waiting.resolve(answer);
      this.#waiting = null;
    }
  }

  #end(error: Error): void {
    this.#ended ??= error;
    this.#waiting?.reject(this.#ended);
    this.#waiting = null;
    this.#listener?.onEnd(this.#ended);
  }
}
