/* eslint-disable @typescript-eslint/no-non-null-assertion -- columns and classes are in range by construction, as in softmax.ts */
import { type Rows, type Softmax, scoreRow } from './softmax';
import { logarithms, tempered } from './temperature';
import type { Familiarity } from './strangeness';
import type { Head } from './trainedModel';

/** What one encoder says about one text. */
export interface Opinion {
  /** Scores of the classes before any temperature. */
  scores: Float64Array;
  familiarity: Familiarity;
}

/** One row of an encoder's rows. */
export interface RowOf {
  rows: Rows;
  row: number;
}

/** Asks a head about one row. `inScope` is how many classes, the first ones, are in scope. */
export function opinionOf(
  head: { softmax: Softmax; centroids: Float32Array | null },
  { rows, row, inScope }: RowOf & { inScope: number },
): Opinion {
  const scores = new Float64Array(head.softmax.classes);
  scoreRow(head.softmax, { rows, row, scores });
  const familiarity = [peakOf(scores.subarray(0, inScope))];
  if (head.centroids !== null) familiarity.push(closenessTo(head.centroids, { rows, row, inScope }));
  return { scores, familiarity };
}

/** How far the best score stands out: its distance from the mean score. */
function peakOf(scores: Float64Array): number {
  let highest = -Infinity;
  let sum = 0;
  for (const score of scores) {
    if (score > highest) highest = score;
    sum += score;
  }
  return highest - sum / scores.length;
}

/** Cosine of the row with the nearest class's mean vector. */
function closenessTo(centroids: Float32Array, { rows, row, inScope }: RowOf & { inScope: number }): number {
  const columns = centroids.length / inScope;
  const [start, end] = [rows.offsets[row]!, rows.offsets[row + 1]!];
  let nearest = -1;
  for (let each = 0; each < inScope; each++) {
    let cosine = 0;
    for (let entry = start; entry < end; entry++)
      cosine += rows.values[entry]! * centroids[each * columns + rows.columns[entry]!]!;
    if (cosine > nearest) nearest = cosine;
  }
  return nearest;
}

/** The mean of the encoders' probabilities, each at its own temperature. */
export function averaged(opinions: readonly { scores: Float64Array; head: Pick<Head, 'temperature'> }[]): Float64Array {
  const sum = new Float64Array(opinions[0]?.scores.length ?? 0);
  for (const { scores, head } of opinions) {
    const probabilities = tempered(scores, head.temperature);
    for (let each = 0; each < sum.length; each++) sum[each]! += probabilities[each]! / opinions.length;
  }
  return sum;
}

/** The mean of the encoders' probabilities at the panel's temperature. */
export function atPanelTemperature(average: Float64Array, temperature: number): Float64Array {
  return tempered(logarithms(average), temperature);
}
