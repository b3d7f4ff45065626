import { type Random, shuffledIndices } from './random';

/** A way to split examples: those held out, and those trained on. */
export interface Fold {
  heldOut: number[];
  trainedOn: number[];
}

/** Each example is in one of this many parts. */
const PARTS = 5;
/** Predictions on so many held-out examples are enough to calibrate; a large set needs fewer folds for them. */
const ENOUGH_HELD_OUT = 1_000;

/**
 * Splits examples into 5 parts, each class spread evenly, and gives as many folds (1 to 5) as it takes to hold out 1,000 examples.
 * An example that is alone in its class is never held out: without it nothing is known of the class.
 */
export function foldsOf(labels: Int32Array, random: Random): Fold[] {
  const partOf = spread(labels, random);
  const eligible = partOf.filter((part) => part >= 0).length;
  const folds = Math.min(PARTS, Math.max(1, Math.ceil((ENOUGH_HELD_OUT * PARTS) / Math.max(1, eligible))));
  return Array.from({ length: folds }, (_, fold) => ({
    heldOut: indicesWhere(partOf, (part) => part === fold),
    trainedOn: indicesWhere(partOf, (part) => part !== fold),
  })).filter((fold) => fold.heldOut.length > 0);
}

/** The part of each example, and −1 for one that is alone in its class. */
function spread(labels: Int32Array, random: Random): number[] {
  const sizes = new Map<number, number>();
  for (const label of labels) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  const next = new Map<number, number>();
  const partOf = Array.from(labels, () => -1);
  for (const index of shuffledIndices(labels.length, random)) {
    const label = labels[index] ?? 0;
    if ((sizes.get(label) ?? 0) < 2) continue;
    // Classes start at different parts, so that small classes don't all land in the first.
    const position = next.get(label) ?? label;
    partOf[index] = position % PARTS;
    next.set(label, position + 1);
  }
  return partOf;
}

function indicesWhere(parts: readonly number[], holds: (part: number) => boolean): number[] {
  return parts.flatMap((part, index) => (holds(part) ? [index] : []));
}
