// The MiniLM encoder's worker thread: texts in, vectors out. Plain JavaScript, so that it starts the same under
// node, tsx and Jest. Its side of the conversation is in minilmEncoder.ts.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { Tokenizer } from '@huggingface/tokenizers';

/**
 * @typedef {{ id: number, texts: string[] }} EmbedRequest
 * @typedef {{ id: number, vectors: Float32Array } | { id: number, failure: string }} EmbedAnswer
 * @typedef {typeof import('onnxruntime-web')} Runtime
 */

/** Vectors have this many numbers, and length 1. */
const DIMENSIONS = 384;
/** Tokens read of a text, first and last marker included; the model was trained on 128. */
const MAX_TOKENS = 128;
/** Texts per run of the model, of like length, so that little is padded. */
const BATCH_TEXTS = 8;

if (parentPort === null) throw new Error('minilmWorker.mjs runs only as a worker thread.');
const port = parentPort;
/** @type {{ weightsDir: string }} */
const { weightsDir } = workerData;

/** Requests are answered one after the other: the session holds one run's memory. */
let turn = Promise.resolve();

try {
  const encoder = await loadEncoder();
  port.on('message', (/** @type {EmbedRequest} */ request) => void answer(encoder, request));
  port.postMessage({ ready: true });
} catch (error) {
  port.postMessage({ ready: false, failure: String(error) });
}

/**
 * @param {Encoder} encoder
 * @param {EmbedRequest} request
 */
function answer(encoder, { id, texts }) {
  turn = turn.then(async () => {
    try {
      const vectors = await encoder.embed(texts);
      port.postMessage({ id, vectors }, [/** @type {ArrayBuffer} */ (vectors.buffer)]);
    } catch (error) {
      port.postMessage({ id, failure: String(error) });
    }
  });
  return turn;
}

/** @typedef {{ embed(texts: string[]): Promise<Float32Array> }} Encoder */

/** @returns {Promise<Encoder>} */
async function loadEncoder() {
  const runtime = await loadRuntime();
  const tokenizer = new Tokenizer(JSON.parse(await readFile(join(weightsDir, 'tokenizer.json'), 'utf8')), {});
  const session = await runtime.InferenceSession.create(await readFile(join(weightsDir, 'model.onnx')));
  return {
    async embed(texts) {
      const tokens = texts.map((text) => tokensOf(tokenizer, text));
      const order = tokens.map((_, index) => index).sort((a, b) => (tokens[a]?.length ?? 0) - (tokens[b]?.length ?? 0));
      const vectors = new Float32Array(texts.length * DIMENSIONS);
      for (let start = 0; start < order.length; start += BATCH_TEXTS) {
        const batch = order.slice(start, start + BATCH_TEXTS);
        const hidden = await runBatch(
          runtime,
          session,
          batch.map((index) => tokens[index] ?? []),
        );
        batch.forEach((index, row) =>
          poolInto(vectors.subarray(index * DIMENSIONS, (index + 1) * DIMENSIONS), hidden, row),
        );
      }
      return vectors;
    },
  };
}

/** onnxruntime-node where somebody has installed it (faster, 291 MB), the WebAssembly one otherwise. */
async function loadRuntime() {
  const optional = 'onnxruntime-node';
  try {
    return /** @type {Runtime} */ (await import(optional));
  } catch {
    const runtime = await import('onnxruntime-web');
    // One thread: the server's other core has other work.
    runtime.env.wasm.numThreads = 1;
    return runtime;
  }
}

/**
 * @param {Tokenizer} tokenizer
 * @param {string} text
 * @returns {number[]}
 */
function tokensOf(tokenizer, text) {
  const { ids } = tokenizer.encode(text);
  return ids.length <= MAX_TOKENS ? ids : [...ids.slice(0, MAX_TOKENS - 1), ...ids.slice(-1)];
}

/** @typedef {{ data: Float32Array, lengths: number[], width: number }} Hidden the model's output: texts × width × DIMENSIONS */

/**
 * @param {Runtime} runtime
 * @param {import('onnxruntime-web').InferenceSession} session
 * @param {number[][]} batch token ids of each text
 * @returns {Promise<Hidden>}
 */
async function runBatch(runtime, session, batch) {
  const lengths = batch.map((ids) => ids.length);
  const width = Math.max(...lengths);
  const ids = new BigInt64Array(batch.length * width);
  const mask = new BigInt64Array(batch.length * width);
  batch.forEach((tokens, row) => {
    tokens.forEach((token, at) => {
      ids[row * width + at] = BigInt(token);
      mask[row * width + at] = 1n;
    });
  });
  const shape = [batch.length, width];
  const tensor = (/** @type {BigInt64Array} */ data) => new runtime.Tensor('int64', data, shape);
  const output = await session.run({
    input_ids: tensor(ids),
    attention_mask: tensor(mask),
    token_type_ids: tensor(new BigInt64Array(batch.length * width)),
  });
  const hidden = output['last_hidden_state'];
  if (hidden === undefined) throw new Error('The model has no output last_hidden_state.');
  return { data: /** @type {Float32Array} */ (hidden.data), lengths, width };
}

/**
 * Mean over the text's tokens, then scaled to length 1, as the model was trained.
 *
 * @param {Float32Array} vector
 * @param {Hidden} hidden
 * @param {number} row
 */
function poolInto(vector, { data, lengths, width }, row) {
  for (let token = 0; token < (lengths[row] ?? 0); token++) {
    const start = (row * width + token) * DIMENSIONS;
    for (let at = 0; at < DIMENSIONS; at++) vector[at] = (vector[at] ?? 0) + (data[start + at] ?? 0);
  }
  const norm = Math.hypot(...vector) || 1;
  for (let at = 0; at < DIMENSIONS; at++) vector[at] = (vector[at] ?? 0) / norm;
}
