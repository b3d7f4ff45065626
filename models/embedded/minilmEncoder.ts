import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

/** Numbers in a MiniLM vector, which has length 1. */
export const MINILM_DIMENSIONS = 384;

/** MiniLM in a worker thread of its own. */
export interface MinilmEncoder {
  /**
   * The vectors of texts, one after the other, {@link MINILM_DIMENSIONS} numbers each.
   *
   * @throws {MinilmUnavailableError} when the weights can't be loaded or the thread has ended
   */
  embed(texts: readonly string[]): Promise<Float32Array>;
  close(): Promise<void>;
}

/** MiniLM can't be used; the message says why. The linear encoder goes on without it. */
export class MinilmUnavailableError extends Error {
  constructor(cause: string) {
    super(`MiniLM is not available: ${cause}`);
    this.name = 'MinilmUnavailableError';
  }
}

type Message =
  | { ready: true }
  | { ready: false; failure: string }
  | { id: number; vectors: Float32Array }
  | { id: number; failure: string };

interface Waiting {
  resolve: (vectors: Float32Array) => void;
  reject: (error: Error) => void;
}

/**
 * Starts the worker thread and returns at once: what is asked before it is ready waits for it. The thread alone keeps no
 * process alive; a question does.
 *
 * @param weightsDir folder with `model.onnx` and `tokenizer.json`, as `npm run model:add minilm` makes it
 */
export function startMinilm(weightsDir: string): MinilmEncoder {
  // Without execArgv, so that a TypeScript loader of the parent isn't loaded for a plain JavaScript file.
  const worker = new Worker(join(__dirname, 'minilmWorker.mjs'), { workerData: { weightsDir }, execArgv: [] });
  const waiting = new Map<number, Waiting>();
  let failure: MinilmUnavailableError | undefined;
  let lastId = 0;
  const fail = (cause: string): void => {
    failure ??= new MinilmUnavailableError(cause);
    for (const { reject } of waiting.values()) reject(failure);
    waiting.clear();
    worker.unref();
  };
  worker.on('message', (message: Message) => {
    if ('ready' in message) {
      if (!message.ready) fail(message.failure);
      return;
    }
    settle(message, waiting);
    if (waiting.size === 0) worker.unref();
  });
  worker.on('error', (error) => fail(error.message));
  worker.on('exit', () => fail('its thread has ended'));
  worker.unref();
  return {
    embed: (texts) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) return reject(failure);
        waiting.set(++lastId, { resolve, reject });
        worker.ref();
        worker.postMessage({ id: lastId, texts });
      }),
    close: async () => {
      await worker.terminate();
    },
  };
}

function settle(
  message: { id: number } & ({ vectors: Float32Array } | { failure: string }),
  waiting: Map<number, Waiting>,
): void {
  const asked = waiting.get(message.id);
  waiting.delete(message.id);
  if ('vectors' in message) asked?.resolve(message.vectors);
  else asked?.reject(new MinilmUnavailableError(message.failure));
}
