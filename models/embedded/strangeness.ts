/** Signals of one text: each higher for texts like the examples, lower for strange ones. Always in the same order. */
export type Familiarity = readonly number[];

/** How signals become a strangeness, learnt from held-out examples. */
export interface StrangenessScale {
  /** Mean and standard deviation of each signal over held-out examples in scope. */
  means: number[];
  deviations: number[];
  /** The mean deviation below which a text is out of scope; strangeness 0.5 is put here. */
  threshold: number;
}

/** Of held-out examples in scope, this share may be called out of scope when no example of strange texts is given. */
const REFUSED_SHARE = 0.05;
/** With enough examples of strange texts the threshold is where they are told apart best, refusing at most this share. */
const MOST_REFUSED_SHARE = 0.1;
const ENOUGH_STRANGE = 10;
/** How steeply strangeness rises around the threshold, per standard deviation. */
const STEEPNESS = 2;

/**
 * Learns a scale from held-out examples. The threshold refuses 5 % of those in scope; with 10 or more held-out examples
 * that are out of scope it is where (share of strange ones refused − share of others refused) is highest, with at
 * most 10 % of the others refused.
 */
export function learnStrangeness(inScope: readonly Familiarity[], strange: readonly Familiarity[]): StrangenessScale {
  const signals = inScope[0]?.length ?? 0;
  const column = (signal: number): number[] => inScope.map((familiarity) => familiarity[signal] ?? 0);
  const means = Array.from({ length: signals }, (_, signal) => mean(column(signal)));
  const deviations = Array.from({ length: signals }, (_, signal) => {
    const centre = means[signal] ?? 0;
    return Math.sqrt(mean(column(signal).map((value) => (value - centre) ** 2))) || 1;
  });
  const unset = { means, deviations, threshold: 0 };
  const usual = inScope.map((familiarity) => deviation(unset, familiarity)).sort((a, b) => b - a);
  const odd = strange.map((familiarity) => deviation(unset, familiarity));
  return {
    means,
    deviations,
    threshold: odd.length < ENOUGH_STRANGE ? quantileOf(usual, REFUSED_SHARE) : bestThreshold(usual, odd),
  };
}

/** Strangeness in (0, 1): 0.5 at the threshold, higher is stranger. */
export function strangenessOf(scale: StrangenessScale, familiarity: Familiarity): number {
  return 1 / (1 + Math.exp(-STEEPNESS * (deviation(scale, familiarity) - scale.threshold)));
}

/** How far the signals lie below the examples' mean, in standard deviations, averaged. */
function deviation(scale: StrangenessScale, familiarity: Familiarity): number {
  return mean(
    familiarity.map((value, signal) => ((scale.means[signal] ?? 0) - value) / (scale.deviations[signal] ?? 1)),
  );
}

/** The value that the given share of values (sorted, highest first) lies above; past every value (nothing is refused) without values. */
function quantileOf(descending: readonly number[], share: number): number {
  return descending[Math.floor(share * descending.length)] ?? Number.MAX_VALUE;
}

function bestThreshold(usual: readonly number[], odd: readonly number[]): number {
  const lowest = quantileOf(usual, MOST_REFUSED_SHARE);
  const shareAbove = (values: readonly number[], threshold: number): number =>
    values.filter((value) => value > threshold).length / values.length;
  let best = { threshold: quantileOf(usual, REFUSED_SHARE), gain: -Infinity };
  for (const threshold of [lowest, ...usual, ...odd].filter((each) => each >= lowest)) {
    const gain = shareAbove(odd, threshold) - shareAbove(usual, threshold);
    if (gain > best.gain) best = { threshold, gain };
  }
  return best.threshold;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
