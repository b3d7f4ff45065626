/* eslint-disable @typescript-eslint/no-non-null-assertion -- a label is a position in its example's scores */
import { toProbabilities } from './softmax';

/** Name and version of the calibration, for a task's record. */
export const CALIBRATOR = 'temperature-1';

/** Scores (or log-probabilities) of one held-out example and its right class. */
export interface HeldOutScores {
  scores: Float64Array;
  label: number;
}

const LOWEST = Math.log(0.05);
const HIGHEST = Math.log(20);
const GOLDEN = (Math.sqrt(5) - 1) / 2;
const ROUNDS = 24;

/** Probabilities of scores at a temperature: softmax(scores / temperature). */
export function tempered(scores: Float64Array, temperature: number): Float64Array {
  const probabilities = scores.map((score) => score / temperature);
  toProbabilities(probabilities);
  return probabilities;
}

/**
 * The temperature in [0.05, 20] at which held-out examples' right classes are likeliest (Guo et al. 2017, "On
 * Calibration of Modern Neural Networks"), found by golden-section search. 1 when there are no held-out examples.
 */
export function fitTemperature(heldOut: readonly HeldOutScores[]): number {
  if (heldOut.length === 0) return 1;
  const loss = (logTemperature: number): number => meanLogLoss(heldOut, Math.exp(logTemperature));
  let low = LOWEST;
  let high = HIGHEST;
  for (let round = 0; round < ROUNDS; round++) {
    const left = high - GOLDEN * (high - low);
    const right = low + GOLDEN * (high - low);
    if (loss(left) < loss(right)) high = right;
    else low = left;
  }
  return Math.exp((low + high) / 2);
}

/**
 * The right class is expected with (n + 1) / (n + 2) rather than certainty, n being the number of held-out examples (Platt
 * 1999): a handful, all told right, doesn't make the classifier certain.
 */
function meanLogLoss(heldOut: readonly HeldOutScores[], temperature: number): number {
  const expected = (heldOut.length + 1) / (heldOut.length + 2);
  let sum = 0;
  for (const { scores, label } of heldOut) {
    const logs = logarithms(tempered(scores, temperature));
    const right = logs[label]!;
    const others = logs.reduce((total, log) => total + log, 0) - right;
    sum -= expected * right + ((1 - expected) * others) / (logs.length - 1);
  }
  return sum / heldOut.length;
}

/** Logarithms, with a floor so that a probability of 0 stays finite. */
export function logarithms(probabilities: Float64Array): Float64Array {
  return probabilities.map((probability) => Math.log(Math.max(probability, 1e-12)));
}
