import type { FeatureTable } from './featureTable';
import type { Softmax } from './softmax';
import type { StrangenessScale } from './strangeness';

/** Raised when training or a model file changes in a way that makes kept models wrong. */
export const MODEL_VERSION = 'embedded-1';

/** `linear`: hashed words and characters. `minilm`: sentence vectors of MiniLM. */
export type EncoderName = 'linear' | 'minilm';

/** What is learnt about one encoder. */
export interface Head {
  softmax: Softmax;
  temperature: number;
  /** The mean vector, of length 1, of each class in scope, one after the other; null where classes have no useful mean. */
  centroids: Float32Array | null;
}

/** What is learnt about a set of encoders that answer together. */
export interface Panel {
  /** Temperature of the averaged probabilities. */
  temperature: number;
  strangeness: StrangenessScale;
}

/** A trained classifier without its running parts: what is kept in the cache. */
export interface TrainedModel {
  /** Class names; those in scope come first. */
  classes: string[];
  /** How many classes are in scope: all, or all but the last, `out_of_scope`. */
  inScope: number;
  /** Each word of the examples and how often it occurs. */
  vocabulary: [word: string, count: number][];
  /** Present when the linear encoder is. */
  features: FeatureTable | null;
  heads: Partial<Record<EncoderName, Head>>;
  /** For all encoders together, and for the linear one alone, by {@link panelName}. */
  panels: Record<string, Panel>;
}

/** The key of a panel. */
export function panelName(encoders: readonly EncoderName[]): string {
  return encoders.join('+');
}
