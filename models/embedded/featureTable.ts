import { HASH_BUCKETS } from './features';
import type { Rows } from './softmax';

/** Which hashed features the linear encoder knows, and how telling each is. */
export interface FeatureTable {
  /** The hash bucket of each column. */
  buckets: Int32Array;
  /** Inverse document frequency of each column: ln((1 + documents) / (1 + documents with it)) + 1. */
  rarity: Float32Array;
  /** Rarity of a feature that no document has. */
  unknownRarity: number;
}

/** A feature of a single document tells nothing of others. Each example is there twice, so its own words stay. */
const LEAST_DOCUMENTS = 2;

/** Learns the features of documents, given as hashed features. */
export function learnFeatureTable(documents: readonly number[][]): FeatureTable {
  const documentCounts = new Int32Array(HASH_BUCKETS);
  for (const document of documents)
    for (const hash of new Set(document)) documentCounts[hash] = (documentCounts[hash] ?? 0) + 1;
  const buckets: number[] = [];
  documentCounts.forEach((count, bucket) => {
    if (count >= LEAST_DOCUMENTS) buckets.push(bucket);
  });
  const rarityOf = (count: number): number => Math.log((1 + documents.length) / (1 + count)) + 1;
  return {
    buckets: Int32Array.from(buckets),
    rarity: Float32Array.from(buckets, (bucket) => rarityOf(documentCounts[bucket] ?? 0)),
    unknownRarity: rarityOf(0),
  };
}

/** Turns documents into rows over a table's columns. */
export type RowMaker = (documents: readonly number[][]) => Rows;

/**
 * Prepares a table for look-ups. A row's values are (1 + ln count) · rarity, scaled so that all of the document's
 * features, unknown ones included, have length 1: a text that is mostly unknown has a short row and gets low scores.
 */
export function rowMaker(table: FeatureTable): RowMaker {
  const columnOf = new Int32Array(HASH_BUCKETS).fill(-1);
  table.buckets.forEach((bucket, column) => (columnOf[bucket] = column));
  return (documents) => {
    const columns: number[] = [];
    const values: number[] = [];
    const offsets = new Int32Array(documents.length + 1);
    documents.forEach((document, index) => {
      const start = values.length;
      let squares = 0;
      for (const [hash, count] of countsOf(document)) {
        const column = columnOf[hash] ?? -1;
        const value = (1 + Math.log(count)) * (column < 0 ? table.unknownRarity : (table.rarity[column] ?? 0));
        squares += value * value;
        if (column < 0) continue;
        columns.push(column);
        values.push(value);
      }
      const length = Math.sqrt(squares) || 1;
      for (let at = start; at < values.length; at++) values[at] = (values[at] ?? 0) / length;
      offsets[index + 1] = values.length;
    });
    return { offsets, columns: Int32Array.from(columns), values: Float32Array.from(values) };
  };
}

function countsOf(document: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const hash of document) counts.set(hash, (counts.get(hash) ?? 0) + 1);
  return counts;
}
