import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MINILM_DIMENSIONS, type MinilmEncoder } from './minilmEncoder';
import { MINILM_WEIGHTS } from './minilmWeights';
import { writeAtomically } from './writeAtomically';

const KEY_BYTES = 16;
const DIGEST_BYTES = 32;
const RECORD_BYTES = KEY_BYTES + MINILM_DIMENSIONS * 4;
/** Vectors kept, newest first (78 MB): more than the examples of many task types. */
const MOST_RECORDS = 50_000;
/** Texts sent to the worker thread at once. */
const TEXTS_AT_ONCE = 256;

/**
 * The vectors of texts, from the cache where they are there, so that editing one example embeds one. Without a cache folder all
 * are embedded. Two processes that write at once lose some vectors of one of them, which are embedded again.
 */
export async function vectorsOf(
  texts: readonly string[],
  { encoder, cacheDir }: { encoder: MinilmEncoder; cacheDir: string | null },
): Promise<Float32Array> {
  const path = cacheDir === null ? null : join(cacheDir, `minilm-${MINILM_WEIGHTS['model.onnx'].slice(0, 12)}.vectors`);
  const known = path === null ? new Map<string, Float32Array>() : await readVectors(path);
  const missing = [...new Set(texts)].filter((text) => !known.has(keyOf(text)));
  const fresh = new Map<string, Float32Array>();
  for (let start = 0; start < missing.length; start += TEXTS_AT_ONCE) {
    const batch = missing.slice(start, start + TEXTS_AT_ONCE);
    const vectors = await encoder.embed(batch);
    batch.forEach((text, index) =>
      fresh.set(keyOf(text), vectors.slice(index * MINILM_DIMENSIONS, (index + 1) * MINILM_DIMENSIONS)),
    );
  }
  const all = new Map([...fresh, ...known]);
  if (path !== null && fresh.size > 0) await writeVectors(path, all);
  const result = new Float32Array(texts.length * MINILM_DIMENSIONS);
  texts.forEach((text, index) => result.set(all.get(keyOf(text)) ?? [], index * MINILM_DIMENSIONS));
  return result;
}

function keyOf(text: string): string {
  return createHash('sha256')
    .update(text)
    .digest('hex')
    .slice(0, KEY_BYTES * 2);
}

/** The vectors of a cache file; none when there is no file or it isn't whole. The file ends with the SHA-256 of the rest. */
async function readVectors(path: string): Promise<Map<string, Float32Array>> {
  const known = new Map<string, Float32Array>();
  const file = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });
  const body = file.subarray(0, Math.max(0, file.length - DIGEST_BYTES));
  if (!createHash('sha256').update(body).digest().equals(file.subarray(body.length))) return known;
  for (let at = 0; at + RECORD_BYTES <= body.length; at += RECORD_BYTES) {
    const numbers = new Uint8Array(body.subarray(at + KEY_BYTES, at + RECORD_BYTES)).buffer;
    known.set(body.toString('hex', at, at + KEY_BYTES), new Float32Array(numbers));
  }
  return known;
}

async function writeVectors(path: string, vectors: ReadonlyMap<string, Float32Array>): Promise<void> {
  const records = [...vectors]
    .slice(0, MOST_RECORDS)
    .flatMap(([key, vector]) => [
      Buffer.from(key, 'hex'),
      Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength),
    ]);
  const body = Buffer.concat(records);
  await writeAtomically(path, Buffer.concat([body, createHash('sha256').update(body).digest()]));
}
