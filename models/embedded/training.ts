import { breather, type Breathe } from './breathe';
import { classCentroids } from './centroids';
import { learnFeatureTable, rowMaker, type FeatureTable } from './featureTable';
import { hashedFeatures } from './features';
import { type Fold, foldsOf } from './heldOut';
import { averaged, opinionOf, type Opinion } from './opinion';
import { seededRandom } from './random';
import { type Rows, trainSoftmax } from './softmax';
import { type Repair, spellingRepair } from './spelling';
import { learnStrangeness } from './strangeness';
import { fitTemperature, logarithms } from './temperature';
import { type EncoderName, type Head, type Panel, panelName, type TrainedModel } from './trainedModel';
import { mistype } from './typos';
import { wordsOf } from './words';

/** Examples with their classes as numbers; classes in scope come first. */
export interface LabelledTexts {
  texts: readonly string[];
  labels: Int32Array;
  classes: string[];
  inScope: number;
}

/** Share of letters mistyped in the second copy that the linear encoder learns of each example. */
const TYPO_CHANCE = 0.1;
/** Found on held-out examples of public intent data: more passes change neither accuracy nor calibration. */
const SCHEDULE: Readonly<Record<EncoderName, { epochs: number; learningRate: number }>> = {
  linear: { epochs: 8, learningRate: 0.5 },
  minilm: { epochs: 8, learningRate: 0.3 },
};

/** An encoder's view of all examples. */
interface EncodedExamples {
  name: EncoderName;
  rows: Rows;
  columns: number;
  /** Rows per example: row r belongs to example ⌊r / copies⌋, and an example's first row is its text as written. */
  copies: number;
}

/** What a model is trained with. */
export interface TrainModelOptions {
  /** MiniLM vectors of the texts, or null to go without MiniLM. */
  vectors: Float32Array | null;
  /** Words that spelling repair leaves alone. */
  realWords: ReadonlySet<string>;
  encoders: readonly EncoderName[];
  /** The same examples and seed give the same model. */
  seed: number;
}

/**
 * Trains the encoders' heads on all examples, and calibrates them on examples held out.
 *
 */
export async function trainModel(
  examples: LabelledTexts,
  { vectors, realWords, encoders, seed }: TrainModelOptions,
): Promise<TrainedModel> {
  const breathe = breather();
  const vocabulary = countWords(examples.texts);
  const linear = encoders.includes('linear')
    ? encodeLinear(examples.texts, { repair: spellingRepair(vocabulary, realWords), seed })
    : null;
  const encoded = [
    linear?.encoded,
    vectors === null ? undefined : encodeVectors(vectors, examples.texts.length),
  ].filter((each) => each !== undefined);
  const heldOut = await askHeldOut(encoded, { examples, seed, breathe });
  const heads: TrainedModel['heads'] = {};
  for (const each of encoded) {
    const opinions = heldOut.map((example) => ({
      scores: example.opinions[each.name]?.scores ?? new Float64Array(),
      label: example.label,
    }));
    const everything = Array.from(examples.labels.keys());
    heads[each.name] = {
      ...(await trainHead(each, { examples, trainedOn: everything, seed, breathe })),
      temperature: fitTemperature(opinions),
    };
  }
  return {
    classes: examples.classes,
    inScope: examples.inScope,
    vocabulary: [...vocabulary],
    features: linear?.table ?? null,
    heads,
    panels: learnPanels(heads, heldOut, examples.inScope),
  };
}

function countWords(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/** Each example as written, then mistyped and repaired as a mistyped question will be. */
function encodeLinear(
  texts: readonly string[],
  { repair, seed }: { repair: Repair; seed: number },
): { encoded: EncodedExamples; table: FeatureTable } {
  const random = seededRandom(seed);
  const documents = texts
    .flatMap((text) => [text, repair(mistype(text, { chance: TYPO_CHANCE, random }))])
    .map((text) => hashedFeatures(wordsOf(text)));
  const table = learnFeatureTable(documents);
  return {
    encoded: { name: 'linear', rows: rowMaker(table)(documents), columns: table.buckets.length, copies: 2 },
    table,
  };
}

function encodeVectors(vectors: Float32Array, texts: number): EncodedExamples {
  const columns = vectors.length / texts;
  return { name: 'minilm', rows: denseRows(vectors, columns), columns, copies: 1 };
}

/** Vectors laid end to end as rows. */
export function denseRows(vectors: Float32Array, columns: number): Rows {
  return {
    offsets: Int32Array.from({ length: vectors.length / columns + 1 }, (_, row) => row * columns),
    columns: Int32Array.from(vectors, (_, at) => at % columns),
    values: vectors,
  };
}

interface HeadTraining {
  examples: LabelledTexts;
  trainedOn: readonly number[];
  seed: number;
  breathe: Breathe;
}

async function trainHead(
  encoded: EncodedExamples,
  { examples, trainedOn, seed, breathe }: HeadTraining,
): Promise<Omit<Head, 'temperature'>> {
  const { name, rows, columns, copies } = encoded;
  const labels = Int32Array.from(
    { length: examples.labels.length * copies },
    (_, row) => examples.labels[Math.floor(row / copies)] ?? 0,
  );
  const rowsUsed = Int32Array.from(
    trainedOn.flatMap((example) => Array.from({ length: copies }, (_, copy) => example * copies + copy)),
  );
  const shape = { labels, rowsUsed, columns };
  const softmax = await trainSoftmax({
    ...shape,
    ...SCHEDULE[name],
    rows,
    classes: examples.classes.length,
    random: seededRandom(seed),
    breathe,
  });
  // Only MiniLM's vectors have a geometry in which a class's mean is near its texts.
  return {
    softmax,
    centroids: name === 'minilm' ? classCentroids(rows, { ...shape, inScope: examples.inScope }) : null,
  };
}

/** What each encoder said of an example that it wasn't trained on. */
interface HeldOutExample {
  label: number;
  opinions: Partial<Record<EncoderName, Opinion>>;
}

async function askHeldOut(
  encoded: readonly EncodedExamples[],
  { examples, seed, breathe }: Omit<HeadTraining, 'trainedOn'>,
): Promise<HeldOutExample[]> {
  const folds = foldsOf(examples.labels, seededRandom(seed + 1));
  const asked: HeldOutExample[] = [];
  for (const fold of folds) asked.push(...(await askFold(encoded, { examples, fold, seed, breathe })));
  return asked;
}

async function askFold(
  encoded: readonly EncodedExamples[],
  { examples, fold, seed, breathe }: Omit<HeadTraining, 'trainedOn'> & { fold: Fold },
): Promise<HeldOutExample[]> {
  const asked = fold.heldOut.map((example): HeldOutExample => ({ label: examples.labels[example] ?? 0, opinions: {} }));
  for (const each of encoded) {
    const head = await trainHead(each, { examples, trainedOn: fold.trainedOn, seed, breathe });
    fold.heldOut.forEach((example, position) => {
      const held = asked[position];
      if (held !== undefined)
        held.opinions[each.name] = opinionOf(head, {
          rows: each.rows,
          row: example * each.copies,
          inScope: examples.inScope,
        });
    });
  }
  return asked;
}

/** A panel of all encoders, and one of the linear alone for when MiniLM fails at run time. */
function learnPanels(
  heads: TrainedModel['heads'],
  heldOut: readonly HeldOutExample[],
  inScope: number,
): Record<string, Panel> {
  const all = (['linear', 'minilm'] as const).filter((name) => heads[name] !== undefined);
  const panels: Record<string, Panel> = { [panelName(all)]: learnPanel(all, { heads, heldOut, inScope }) };
  if (heads.linear !== undefined) panels[panelName(['linear'])] ??= learnPanel(['linear'], { heads, heldOut, inScope });
  return panels;
}

function learnPanel(
  encoders: readonly EncoderName[],
  { heads, heldOut, inScope }: { heads: TrainedModel['heads']; heldOut: readonly HeldOutExample[]; inScope: number },
): Panel {
  const heard = heldOut.map(({ label, opinions }) => {
    const spoken = encoders.flatMap((name) => {
      const [head, opinion] = [heads[name], opinions[name]];
      return head === undefined || opinion === undefined ? [] : [{ ...opinion, head }];
    });
    return { label, scores: logarithms(averaged(spoken)), familiarity: spoken.flatMap((each) => each.familiarity) };
  });
  const familiarities = (strange: boolean): number[][] =>
    heard.filter(({ label }) => label >= inScope === strange).map((each) => each.familiarity);
  return {
    temperature: fitTemperature(heard),
    strangeness: learnStrangeness(familiarities(false), familiarities(true)),
  };
}
