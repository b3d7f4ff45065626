import type { GoldDraft } from '../../contracts/words/gold';

/** How many gold items a reviewer gets: some among the first decisions, then one in each block of a fixed length. */
interface GoldRate {
  readonly first: number;
  readonly blockDecisions: number;
}

/** The decisions that hold a new reviewer's first gold items. */
export const FIRST_DECISIONS = 30;

/**
 * Wrong gold is what finds a rubber-stamper (`rubberStamp.ts`): four in the first 30 decisions, then one in 18, with which one
 * who turns into a rubber-stamper is flagged within 130 decisions in 95 % of cases and more. Right gold is there so that "an
 * audit is a trap" doesn't hold, and so that someone who declines everything is measured too: half as many.
 */
const RATES: Readonly<Record<GoldDraft, GoldRate>> = {
  wrong: { first: 4, blockDecisions: 18 },
  right: { first: 2, blockDecisions: 36 },
};

export interface GoldTurn {
  readonly draft: GoldDraft;
  /** Decisions of this reviewer before this one, gold included. */
  readonly decisionsSoFar: number;
  /** Gold items with this kind of draft among them, and those that wait for this reviewer. */
  readonly goldSoFar: number;
  /** In [0, 1), from a keyed hash of the reviewer and `decisionsSoFar`, so that nobody without the key can foresee it. */
  readonly draw: number;
}

/**
 * Whether this reviewer's next decision is to be about a gold item. The first 30 decisions hold exactly four with a wrong draft,
 * and each block after them exactly one, with every set of places equally likely (selection sampling: Knuth, The Art of Computer
 * Programming 2, 3.4.2, algorithm S). What could not be had in time is made up for later, at the rate of the first 30.
 *
 * Throws a RangeError for a count that is no whole number and for a draw outside [0, 1).
 */
export function goldDue({ draft, decisionsSoFar, goldSoFar, draw }: GoldTurn): boolean {
  assertCount(decisionsSoFar, 'decisionsSoFar');
  assertCount(goldSoFar, 'goldSoFar');
  if (!(draw >= 0 && draw < 1)) throw new RangeError(`the draw is ${draw}: give a number in [0, 1)`);
  const rate = RATES[draft];
  const later = decisionsSoFar - FIRST_DECISIONS;
  if (later < 0) return draw * -later < rate.first - goldSoFar;
  const missing = rate.first + Math.floor(later / rate.blockDecisions) + 1 - goldSoFar;
  if (missing > 1) return draw * FIRST_DECISIONS < rate.first;
  return draw * (rate.blockDecisions - (later % rate.blockDecisions)) < missing;
}

function assertCount(value: number, name: string): void {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`${name} is ${value}: give a whole number from 0`);
}
