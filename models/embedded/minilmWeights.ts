import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** SHA-256 of each file of the weights; the same as `npm run model:add minilm` pins (a test holds them in step). */
export const MINILM_WEIGHTS = {
  'model.onnx': '8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6',
  'tokenizer.json': 'be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037',
} as const;

/** Why the weights in a folder can't be used, in a sentence with the cure; null when they can. Takes some 30 ms. */
export async function weightsProblem(weightsDir: string): Promise<string | null> {
  for (const [name, expected] of Object.entries(MINILM_WEIGHTS)) {
    const found = await sha256OfFile(join(weightsDir, name));
    if (found === expected) continue;
    const what =
      found === null
        ? `${name} is missing in ${weightsDir}`
        : `${name} in ${weightsDir} is not the file that was pinned`;
    return `MiniLM is not used: ${what}. Run \`npm run model:add minilm\` to fetch it.`;
  }
  return null;
}

/** Null when the file can't be read. */
async function sha256OfFile(path: string): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  } catch {
    return null;
  }
  return hash.digest('hex');
}

/** The words that MiniLM's tokenizer knows whole: the 20,000 or so commonest of English, lower case. */
export async function wordsOfMinilm(weightsDir: string): Promise<Set<string>> {
  // The file's checksum is pinned, so its shape is known.
  const tokenizer = JSON.parse(await readFile(join(weightsDir, 'tokenizer.json'), 'utf8')) as {
    model: { vocab: Record<string, number> };
  };
  return new Set(Object.keys(tokenizer.model.vocab).filter((token) => /^\p{L}+$/u.test(token)));
}
