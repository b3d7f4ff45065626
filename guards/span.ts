/** Where in a text something stands, in UTF-16 units; `end` is the first position after it. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Keeps spans in the order given, leaving out each that overlaps an earlier one of the list; sorted by position at the end. */
export function withoutOverlaps<S extends Span>(spans: readonly S[], length: number): S[] {
  // One mark per position: comparing each with each would be quadratic in hostile text.
  const taken = new Uint8Array(length);
  const kept = spans.filter(({ start, end }) => {
    for (let position = start; position < end; position += 1) if (taken[position] === 1) return false;
    for (let position = start; position < end; position += 1) taken[position] = 1;
    return true;
  });
  return kept.sort((a, b) => a.start - b.start);
}
