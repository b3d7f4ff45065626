import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { Classification } from './classification';
import { labelExamples, type TrainingExample } from './labelledTexts';
import { MinilmUnavailableError, type MinilmEncoder, startMinilm } from './minilmEncoder';
import { MINILM_WEIGHTS, weightsProblem, wordsOfMinilm } from './minilmWeights';
import { readModelFile, writeModelFile } from './modelFile';
import { runningClassifier } from './runningClassifier';
import { CALIBRATOR } from './temperature';
import { trainModel } from './training';
import { type EncoderName, MODEL_VERSION, type TrainedModel } from './trainedModel';
import { vectorsOf } from './vectorCache';

export type { Classification, TrainingExample, EncoderName };

/** A trained classifier, ready for texts. */
export interface Classifier {
  /** Version of the code and of what was learnt, such as `embedded-1/linear+minilm/3fa9c1d20b4e`. */
  readonly version: string;
  /** Name and version of the calibration of probabilities. */
  readonly calibrator: string;
  /** The encoders that answer now: `minilm` leaves the list when its thread fails, and the linear one goes on alone. */
  readonly encoders: EncoderName[];
  /** What doesn't work as it could, each with its cure, for the log; empty when all is well. */
  readonly notes: readonly string[];
  /**
   * Names the class of a text. Unknown stays unknown: `out_of_scope` or `unclear` rather than a guess.
   * Under a millisecond for the linear encoder; MiniLM takes some 10 ms in a thread of its own.
   */
  classify(text: string): Promise<Classification>;
  /** Ends MiniLM's thread. */
  close(): Promise<void>;
}

/** How a classifier is trained. */
export interface TrainClassifierOptions {
  /** Folder where trained models and vectors are kept by content hash; without it everything is computed anew. */
  cacheDir?: string;
  /** Folder of MiniLM's weights; default `.models/minilm` in the current folder. null: the linear encoder alone. */
  weightsDir?: string | null;
  /** Encoders wanted; default both. A wanted one that can't be had is left out, except that one must remain. */
  encoders?: readonly EncoderName[];
  /** Same examples, options and seed: same model. Default 1. */
  seed?: number;
  /** Whether texts unlike all examples are called `out_of_scope`. */
  outOfScope: boolean;
}

const DEFAULT_WEIGHTS_DIR = join('.models', 'minilm');
const DEFAULT_SEED = 1;

/**
 * Trains a classifier from examples, or takes it from the cache: a softmax regression over hashed words and characters,
 * averaged with one over MiniLM's sentence vectors when its weights are there. Probabilities are calibrated by temperature
 * on examples held out, and the line to `out_of_scope` is drawn on them too: it refuses 5 % of held-out examples in
 * scope; with 10 or more held-out examples of `out_of_scope` it lies where these are told apart best.
 *
 * Thirty classes with 20 examples each train in about a second, and embedding them takes some 5 seconds more, once.
 * The event loop isn't held for long meanwhile.
 *
 * @throws TrainingExamplesError for fewer than two classes, an empty text, an empty class, or the class `unclear`
 */
export async function trainClassifier(
  examples: readonly TrainingExample[],
  options: TrainClassifierOptions,
): Promise<Classifier> {
  const wanted = options.encoders ?? ['linear', 'minilm'];
  const labelled = labelExamples(examples, options);
  const notes: string[] = [];
  const minilm = wanted.includes('minilm') ? await openMinilm(options.weightsDir, notes) : null;
  const settings = { labelled, wanted, notes, cacheDir: options.cacheDir ?? null, seed: options.seed ?? DEFAULT_SEED };
  const { model, key, encoder, realWords } = await obtainModel(settings, minilm).catch(async (error: unknown) => {
    await minilm?.encoder.close();
    if (!(error instanceof MinilmUnavailableError) || !wanted.includes('linear')) throw error;
    notes.push(`${error.message}. The linear encoder goes on without it.`);
    return obtainModel(settings, null);
  });
  const running = runningClassifier(model, { encoder, realWords, outOfScope: options.outOfScope });
  const version = `${MODEL_VERSION}/${running.encoders().join('+')}/${key.slice(0, 12)}`;
  return {
    version,
    calibrator: CALIBRATOR,
    get encoders() {
      return running.encoders();
    },
    notes,
    classify: running.classify,
    close: async () => encoder?.close(),
  };
}

/** MiniLM's thread, and the words that it knows. */
interface Minilm {
  encoder: MinilmEncoder;
  words: ReadonlySet<string>;
}

/** Null when it isn't wanted, or its weights can't be used, which is noted. */
async function openMinilm(weightsDir: string | null | undefined, notes: string[]): Promise<Minilm | null> {
  if (weightsDir === null) return null;
  const folder = resolve(weightsDir ?? DEFAULT_WEIGHTS_DIR);
  const problem = await weightsProblem(folder);
  if (problem === null) return { words: await wordsOfMinilm(folder), encoder: startMinilm(folder) };
  notes.push(problem);
  return null;
}

interface Settings {
  labelled: ReturnType<typeof labelExamples>;
  wanted: readonly EncoderName[];
  notes: string[];
  cacheDir: string | null;
  seed: number;
}

interface Obtained {
  model: TrainedModel;
  key: string;
  encoder: MinilmEncoder | null;
  realWords: ReadonlySet<string>;
}

async function obtainModel(
  { labelled, wanted, notes, cacheDir, seed }: Settings,
  minilm: Minilm | null,
): Promise<Obtained> {
  const encoders = wanted.filter((name) => name === 'linear' || minilm !== null);
  if (encoders.length === 0) throw new MinilmUnavailableError(`no encoder is left. ${notes.join(' ')}`);
  const encoder = minilm?.encoder ?? null;
  const realWords = minilm?.words ?? new Set<string>();
  const key = cacheKey({ labelled, encoders, seed });
  const path = cacheDir === null ? null : join(cacheDir, `classifier-${key.slice(0, 32)}.model`);
  const kept = path === null ? null : await readModelFile(path);
  if (kept !== null) return { model: kept, key, encoder, realWords };
  const vectors = encoder === null ? null : await vectorsOf(labelled.texts, { encoder, cacheDir });
  const model = await trainModel(labelled, { vectors, realWords, encoders, seed });
  if (path !== null) await writeModelFile(path, model);
  return { model, key, encoder, realWords };
}

/** Content hash of all that a trained model depends on. */
function cacheKey({
  labelled,
  encoders,
  seed,
}: {
  labelled: Settings['labelled'];
  encoders: readonly EncoderName[];
  seed: number;
}): string {
  const weights = encoders.includes('minilm') ? MINILM_WEIGHTS : null;
  const parts = [
    MODEL_VERSION,
    encoders,
    weights,
    seed,
    labelled.classes,
    labelled.inScope,
    [...labelled.labels],
    labelled.texts,
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
