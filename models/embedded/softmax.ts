/* eslint-disable @typescript-eslint/no-non-null-assertion -- indices into typed arrays are in range by construction (offsets and columns come from the same builder), and a check for each would double the time of training */
import type { Breathe } from './breathe';
import { type Random, shuffledIndices } from './random';

/** Sparse rows in one block: row r has the entries offsets[r] … offsets[r + 1] − 1 of columns and values. */
export interface Rows {
  offsets: Int32Array;
  columns: Int32Array;
  values: Float32Array;
}

/** A softmax regression: weights[column · classes + class], then one bias a class. */
export interface Softmax {
  classes: number;
  weights: Float32Array;
  bias: Float32Array;
}

/** What a softmax regression is trained on, and how. */
export interface SoftmaxTraining {
  rows: Rows;
  /** The class of each row, in [0, classes). */
  labels: Int32Array;
  /** The rows that are trained on; the others are held out. */
  rowsUsed: Int32Array;
  columns: number;
  classes: number;
  /** Passes over the rows. Few are what keeps it from overfitting. */
  epochs: number;
  /** AdaGrad's first step. */
  learningRate: number;
  random: Random;
  breathe: Breathe;
}

/** An error smaller than this moves no weight: late in training most classes of most rows are settled. */
const SETTLED_ERROR = 0.001;
/** AdaGrad's sums of squares start here rather than at 0, so that the first step of a rare feature isn't a leap. */
const ADAGRAD_START = 0.01;
/** The bias learns at a tenth of the rate: classes with more examples shouldn't win by their number. */
const BIAS_RATE = 0.1;

/** Trains by AdaGrad (Duchi, Hazan and Singer 2011), one row at a time in a seeded random order. */
export async function trainSoftmax(training: SoftmaxTraining): Promise<Softmax> {
  const { rows, labels, rowsUsed, columns, classes, learningRate: rate } = training;
  const model: Softmax = { classes, weights: new Float32Array(columns * classes), bias: new Float32Array(classes) };
  const squares = new Float32Array(columns * classes).fill(ADAGRAD_START);
  const biasSquares = new Float32Array(classes).fill(ADAGRAD_START);
  const errors = new Float64Array(classes);
  for (let epoch = 0; epoch < training.epochs; epoch++) {
    for (const position of shuffledIndices(rowsUsed.length, training.random)) {
      const row = rowsUsed[position]!;
      scoreRow(model, { rows, row, scores: errors });
      toProbabilities(errors);
      errors[labels[row]!]! -= 1;
      const active = unsettled(errors);
      stepWeights(model.weights, { rows, row, errors, active, squares, rate });
      stepBias(model.bias, { errors, active, squares: biasSquares, rate: rate * BIAS_RATE });
      const pause = training.breathe();
      if (pause !== undefined) await pause;
    }
  }
  return model;
}

function unsettled(errors: Float64Array): number[] {
  const active: number[] = [];
  for (let each = 0; each < errors.length; each++) if (Math.abs(errors[each]!) > SETTLED_ERROR) active.push(each);
  return active;
}

interface Step {
  errors: Float64Array;
  active: readonly number[];
  squares: Float32Array;
  rate: number;
}

function stepWeights(
  weights: Float32Array,
  { rows, row, errors, active, squares, rate }: Step & { rows: Rows; row: number },
): void {
  const classes = errors.length;
  const end = rows.offsets[row + 1]!;
  for (let entry = rows.offsets[row]!; entry < end; entry++) {
    const value = rows.values[entry]!;
    const base = rows.columns[entry]! * classes;
    for (let position = 0; position < active.length; position++) {
      const each = active[position]!;
      const gradient = errors[each]! * value;
      const square = squares[base + each]! + gradient * gradient;
      squares[base + each] = square;
      weights[base + each]! -= (rate * gradient) / Math.sqrt(square);
    }
  }
}

function stepBias(bias: Float32Array, { errors, active, squares, rate }: Step): void {
  for (const each of active) {
    const gradient = errors[each]!;
    squares[each]! += gradient * gradient;
    bias[each]! -= (rate * gradient) / Math.sqrt(squares[each]!);
  }
}

/** Writes the class scores of one row into `scores`, which has one place a class. */
export function scoreRow(
  model: Softmax,
  { rows, row, scores }: { rows: Rows; row: number; scores: Float64Array },
): void {
  const { classes, weights } = model;
  scores.set(model.bias);
  const end = rows.offsets[row + 1]!;
  for (let entry = rows.offsets[row]!; entry < end; entry++) {
    const value = rows.values[entry]!;
    const base = rows.columns[entry]! * classes;
    for (let each = 0; each < classes; each++) scores[each]! += weights[base + each]! * value;
  }
}

/** Turns scores into probabilities that sum to 1, in place. */
export function toProbabilities(scores: Float64Array): void {
  let highest = -Infinity;
  for (let each = 0; each < scores.length; each++) if (scores[each]! > highest) highest = scores[each]!;
  let sum = 0;
  for (let each = 0; each < scores.length; each++) {
    scores[each] = Math.exp(scores[each]! - highest);
    sum += scores[each]!;
  }
  for (let each = 0; each < scores.length; each++) scores[each]! /= sum;
}
