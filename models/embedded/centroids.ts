/* eslint-disable @typescript-eslint/no-non-null-assertion -- columns and classes are in range by construction, as in softmax.ts */
import type { Rows } from './softmax';

/** The mean of the rows used of each of the first `inScope` classes, scaled to length 1: inScope × columns numbers. */
export function classCentroids(
  rows: Rows,
  {
    labels,
    rowsUsed,
    columns,
    inScope,
  }: { labels: Int32Array; rowsUsed: Int32Array; columns: number; inScope: number },
): Float32Array {
  const centroids = new Float32Array(inScope * columns);
  for (const row of rowsUsed) {
    const base = labels[row]! * columns;
    if (labels[row]! >= inScope) continue;
    for (let entry = rows.offsets[row]!; entry < rows.offsets[row + 1]!; entry++)
      centroids[base + rows.columns[entry]!]! += rows.values[entry]!;
  }
  for (let each = 0; each < inScope; each++) scaleToLengthOne(centroids.subarray(each * columns, (each + 1) * columns));
  return centroids;
}

function scaleToLengthOne(vector: Float32Array): void {
  let squares = 0;
  for (const value of vector) squares += value * value;
  const length = Math.sqrt(squares) || 1;
  for (let at = 0; at < vector.length; at++) vector[at]! /= length;
}
