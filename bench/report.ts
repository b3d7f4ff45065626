/** One aim of a benchmark: what was seen, and the bound it has to keep. */
export interface Aim {
  readonly seen: number;
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** Prints the one line of JSON that ends a benchmark, and sets the exit code: 1 when an aim is missed. */
export function report(bench: string, figures: Record<string, unknown>, aims: Record<string, Aim>): void {
  const holds = Object.values(aims).every(isMet);
  console.log(JSON.stringify({ bench, figures, aims, holds }));
  if (!holds) process.exitCode = 1;
}

function isMet({ seen, atLeast = -Infinity, atMost = Infinity }: Aim): boolean {
  return seen >= atLeast && seen <= atMost;
}

/** The value below which the share `q` of the values lies. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
  if (value === undefined) throw new RangeError('no values were measured');
  return value;
}

export function round(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}
