/** What became of a gold item with a wrong draft: the reviewer let it pass, or caught it. */
export type WrongGold = 'missed' | 'caught';

/** The probation: of the first four wrong gold items, two that are missed flag at once. */
const PROBATION = { items: 4, missesToFlag: 2 };
/** The highest miss rate of a reviewer who counts as honest: 5 % of wrong drafts. */
const HONEST_MISS_RATE = 0.05;
/** At most this share of honest reviewers is ever flagged. */
const FALSE_FLAGS = 0.02;
/**
 * The miss rate that is betted on. Below that of someone who approves everything, so that one wrong draft caught by chance doesn't
 * throw the bet away.
 */
const BETTED_MISS_RATE = 0.8;
/** About so many wrong gold items after the probation, half of the prior of when somebody turns has been spent. */
const PRIOR_HALF_ITEMS = 100;

/** The chance that an honest reviewer fails the probation: 1.4 %. */
const PROBATION_FALSE_FLAGS =
  1 - (1 - HONEST_MISS_RATE) ** 4 - 4 * HONEST_MISS_RATE * (1 - HONEST_MISS_RATE) ** (PROBATION.items - 1);

/** What the process has to reach: one over what the probation left of the false flags. 165 of them. */
export const FLAG_AT = (1 - PROBATION_FALSE_FLAGS) / (FALSE_FLAGS - PROBATION_FALSE_FLAGS);

export interface RubberStampFlag {
  readonly isFlagged: boolean;
  /** What flagged: two misses in the probation, or the process after it. Null where nothing did. */
  readonly because: 'probation' | 'sequence' | null;
  /** The number of the wrong gold item at which the flag was raised, from 1; null without a flag. */
  readonly atGold: number | null;
  /** The highest value that the process has had, to be compared with `FLAG_AT`; 1 before the probation has ended. */
  readonly evidence: number;
}

/**
 * Whether a reviewer is flagged as a rubber-stamper, from their wrong gold items in the order of their decisions, and from nothing
 * else: not from seconds, not from how often they approve.
 *
 * The first four: two misses flag. An honest reviewer, who misses at most 5 %, is flagged there with probability 1.4 %. After them
 * a test against "misses at most 5 %" that may be looked at after every decision, for ever, and that finds someone who turned into
 * a rubber-stamper later:
 *
 *     M(n) = Σ over k ≤ n of w(k) · Π over i = k … n of L(i)  +  Σ over k > n of w(k)
 *
 * where L is 0.8/0.05 for a miss and 0.2/0.95 for a catch, and w(k) = K/((K + k − 1)(K + k)), K = 100, is the prior that they
 * turned at item k; it sums to 1. For an honest reviewer each term is a nonnegative supermartingale, so M is one that starts at 1,
 * and by Ville's inequality the chance that it ever reaches `FLAG_AT` is at most 1/`FLAG_AT` = 0.6 %: 2 % in all, over any number
 * of decisions. To flag somebody who caught everything before takes four misses in a row up to the 135th item, five up to the
 * 838th, six up to the 3,638th (65,000 decisions by the schedule of gold).
 *
 * Sources: Ville, Étude critique de la notion de collectif (1939); Shin, Ramdas and Rinaldo, E-detectors (2022), for sums of
 * e-processes over the time of the change.
 */
export function rubberStampFlag(items: readonly WrongGold[]): RubberStampFlag {
  const failed = failedProbationAt(items.slice(0, PROBATION.items));
  if (failed !== null) return { isFlagged: true, because: 'probation', atGold: failed, evidence: 1 };
  let turned = 0;
  let evidence = 1;
  for (const [at, item] of items.slice(PROBATION.items).entries()) {
    const count = at + 1;
    turned = (turned + priorOfTurningAt(count)) * likelihoodRatio(item);
    evidence = Math.max(evidence, turned + priorOfTurningAfter(count));
    if (evidence >= FLAG_AT) return { isFlagged: true, because: 'sequence', atGold: PROBATION.items + count, evidence };
  }
  return { isFlagged: false, because: null, atGold: null, evidence };
}

function failedProbationAt(items: readonly WrongGold[]): number | null {
  let misses = 0;
  for (const [at, item] of items.entries()) {
    if (item === 'missed') misses += 1;
    if (misses === PROBATION.missesToFlag) return at + 1;
  }
  return null;
}

function likelihoodRatio(item: WrongGold): number {
  if (item === 'missed') return BETTED_MISS_RATE / HONEST_MISS_RATE;
  return (1 - BETTED_MISS_RATE) / (1 - HONEST_MISS_RATE);
}

function priorOfTurningAt(count: number): number {
  return PRIOR_HALF_ITEMS / ((PRIOR_HALF_ITEMS + count - 1) * (PRIOR_HALF_ITEMS + count));
}

function priorOfTurningAfter(count: number): number {
  return PRIOR_HALF_ITEMS / (PRIOR_HALF_ITEMS + count);
}
