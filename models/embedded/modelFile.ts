import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { EncoderName, Head, TrainedModel } from './trainedModel';
import { writeAtomically } from './writeAtomically';

// A model file is: SHA-256 of all that follows (32 bytes), length of the header (4 bytes, little endian), the header
// (JSON, padded with spaces to a multiple of 4), then the sections' numbers, 4 bytes each, in the machine's byte order.
const DIGEST_BYTES = 32;
const LENGTH_BYTES = 4;
const NUMBER_BYTES = 4;

type Section = { name: string; kind: 'int32' | 'float32'; length: number };
type HeadHeader = { name: EncoderName; classes: number; temperature: number };
type Header = Pick<TrainedModel, 'classes' | 'inScope' | 'vocabulary' | 'panels'> & {
  unknownRarity: number | null;
  heads: HeadHeader[];
  sections: Section[];
};

/** Keeps a trained model in a file. */
export async function writeModelFile(path: string, model: TrainedModel): Promise<void> {
  const numbers = numbersOf(model);
  const sections = Object.entries(numbers).map(([name, values]): Section => ({
    name,
    kind: values instanceof Int32Array ? 'int32' : 'float32',
    length: values.length,
  }));
  const heads = headsOf(model).map(([name, head]): HeadHeader => ({
    name,
    classes: head.softmax.classes,
    temperature: head.temperature,
  }));
  const { classes, inScope, vocabulary, panels } = model;
  const header: Header = {
    classes,
    inScope,
    vocabulary,
    panels,
    unknownRarity: model.features?.unknownRarity ?? null,
    heads,
    sections,
  };
  const text = Buffer.from(JSON.stringify(header));
  const padding = Buffer.alloc((NUMBER_BYTES - (text.length % NUMBER_BYTES)) % NUMBER_BYTES, ' ');
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(text.length + padding.length);
  const blocks = Object.values(numbers).map((values) =>
    Buffer.from(values.buffer, values.byteOffset, values.byteLength),
  );
  const body = Buffer.concat([length, text, padding, ...blocks]);
  await writeAtomically(path, Buffer.concat([digestOf(body), body]));
}

/** The model of a file, or null when there is none or it isn't whole (cut off, or changed since it was written). */
export async function readModelFile(path: string): Promise<TrainedModel | null> {
  const file = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (file === null || file.length < DIGEST_BYTES + LENGTH_BYTES) return null;
  const body = file.subarray(DIGEST_BYTES);
  if (!digestOf(body).equals(file.subarray(0, DIGEST_BYTES))) return null;
  const start = LENGTH_BYTES + body.readUInt32LE(0);
  // The digest is right, so this is what writeModelFile wrote; the cache key holds the version of the format.
  const header = JSON.parse(body.toString('utf8', LENGTH_BYTES, start)) as Header;
  return assemble(header, readSections(body.subarray(start), header.sections));
}

function headsOf(model: TrainedModel): [EncoderName, Head][] {
  return (['linear', 'minilm'] as const).flatMap((name) => {
    const head = model.heads[name];
    return head === undefined ? [] : [[name, head]];
  });
}

function numbersOf(model: TrainedModel): Record<string, Int32Array | Float32Array> {
  const numbers: Record<string, Int32Array | Float32Array> = {};
  if (model.features !== null) {
    numbers['buckets'] = model.features.buckets;
    numbers['rarity'] = model.features.rarity;
  }
  for (const [name, head] of headsOf(model)) {
    numbers[`${name}.weights`] = head.softmax.weights;
    numbers[`${name}.bias`] = head.softmax.bias;
    if (head.centroids !== null) numbers[`${name}.centroids`] = head.centroids;
  }
  return numbers;
}

interface Sections {
  int32: Map<string, Int32Array>;
  float32: Map<string, Float32Array>;
}

function readSections(block: Buffer, sections: readonly Section[]): Sections {
  // Copied, since a typed array must start at a multiple of 4 and a buffer's slice needn't.
  const buffer = new Uint8Array(block).buffer;
  const read: Sections = { int32: new Map(), float32: new Map() };
  let at = 0;
  for (const { name, kind, length } of sections) {
    if (kind === 'int32') read.int32.set(name, new Int32Array(buffer, at, length));
    else read.float32.set(name, new Float32Array(buffer, at, length));
    at += length * NUMBER_BYTES;
  }
  return read;
}

function assemble(header: Header, { int32, float32 }: Sections): TrainedModel {
  const floats = (name: string): Float32Array => float32.get(name) ?? new Float32Array();
  const { classes, inScope, vocabulary, panels, unknownRarity } = header;
  const heads: TrainedModel['heads'] = {};
  for (const head of header.heads) {
    const softmax = {
      classes: head.classes,
      weights: floats(`${head.name}.weights`),
      bias: floats(`${head.name}.bias`),
    };
    heads[head.name] = {
      softmax,
      temperature: head.temperature,
      centroids: float32.get(`${head.name}.centroids`) ?? null,
    };
  }
  const features =
    unknownRarity === null
      ? null
      : { buckets: int32.get('buckets') ?? new Int32Array(), rarity: floats('rarity'), unknownRarity };
  return { classes, inScope, vocabulary, panels, features, heads };
}

function digestOf(content: Buffer): Buffer {
  return createHash('sha256').update(content).digest();
}
