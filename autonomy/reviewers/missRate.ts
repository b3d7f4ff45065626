import { type Beta, betaMean, lnBeta } from '../beta';
import type { WrongGold } from './rubberStamp';

export interface MissRate {
  /** Wrong gold items that this rests on. */
  readonly items: number;
  readonly missed: number;
  /** The posterior mean of the probability that a wrong draft is approved. */
  readonly mean: number;
  /** Holds with probability 1 − δ, however often it is looked at. 1 without any evidence. */
  readonly upperBound: number;
}

/** Uniform: nothing is known of how much a new reviewer misses, and the bound below needs some prior to bet with. */
const PRIOR: Beta = { alpha: 1, beta: 1 };
const DEFAULT_DELTA = 0.05;
/** Halvings of [mean, 1] that leave less than a rounding error. */
const HALVINGS = 60;

/**
 * The miss rate m: the probability that a reviewer approves a wrong draft, from wrong gold alone (agreement can't show it: two who
 * approve everything agree). What runs alone is tested at α(1 − m) with the upper bound in the place of m.
 *
 * The bound is the upper end of the prior-posterior-ratio confidence sequence, {m : prior(m)/posterior(m) < 1/δ}: at the true m that
 * ratio is a martingale that starts at 1, so by Ville's inequality the sequence holds it at all times at once with probability
 * 1 − δ. It may therefore be looked at after every decision, as grants are. δ is 0.05 unless given. Source: Waudby-Smith and Ramdas,
 * Confidence sequences for sampling without replacement (2020).
 *
 * Throws a RangeError for a δ outside (0, 1).
 */
export function missRate(items: readonly WrongGold[], { delta = DEFAULT_DELTA } = {}): MissRate {
  if (!(delta > 0 && delta < 1)) throw new RangeError(`delta is ${delta}: give a number in (0, 1)`);
  const missed = items.filter((item) => item === 'missed').length;
  const posterior = { alpha: PRIOR.alpha + missed, beta: PRIOR.beta + items.length - missed };
  return {
    items: items.length,
    missed,
    mean: betaMean(posterior),
    upperBound: upperBound({ missed, caught: items.length - missed }, { posterior, delta }),
  };
}

interface Counts {
  readonly missed: number;
  readonly caught: number;
}

function upperBound(counts: Counts, { posterior, delta }: { posterior: Beta; delta: number }): number {
  const { missed, caught } = counts;
  const isOutside = (m: number): boolean =>
    lnBeta(posterior) - lnBeta(PRIOR) - lnLikelihood(m, counts) >= Math.log(1 / delta);
  // The ratio is smallest at the observed share, and grows from there to infinity at 1 if anything was caught.
  if (caught === 0) return 1;
  let low = missed / (missed + caught);
  let high = 1;
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (low + high) / 2;
    if (isOutside(middle)) high = middle;
    else low = middle;
  }
  return high;
}

function lnLikelihood(m: number, { missed, caught }: Counts): number {
  return (missed === 0 ? 0 : missed * Math.log(m)) + caught * Math.log1p(-m);
}
