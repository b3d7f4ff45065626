import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type Accuracy, reviewerAccuracies, type Verdict } from '../../autonomy/reviewers/accuracy';
import { seededRandom, shuffledIndices } from '../../models/embedded/random';
import { quantile } from '../report';

/** A judgement of a person about an item, with the truth and the seconds it took. Both labels are '0' or '1'. */
interface Judgement {
  readonly reviewer: string;
  readonly item: string;
  readonly label: string;
  readonly gold: string;
  readonly seconds: number;
}

export interface CrowdFigures {
  readonly people: number;
  readonly goldItemsEach: number;
  /** Of the posterior mean with the accuracy on items whose truth it was not told; from gold alone, and with agreement. */
  readonly correlationGold: number;
  readonly correlation: number;
  /** Root of the mean squared difference of the same two. */
  readonly errorGold: number;
  readonly error: number;
  /** The share of people whose accuracy there lies in the 95 % interval, which is about p and not about a count. */
  readonly coverage: number;
  /** The same with the chance of the count added to the interval's width. */
  readonly coverageOfCounts: number;
  readonly bySpeed: readonly SpeedRule[];
}

/** What a rule that flags the fastest people, by their median seconds, would have done. */
export interface SpeedRule {
  readonly fastestShare: number;
  readonly flagged: number;
  readonly accuracyOfFlagged: number;
  readonly accuracyOfOthers: number;
  /** Of the tenth of people with the lowest accuracy, the share that is among the flagged. */
  readonly worstFound: number;
}

/** Fewer judgements on items whose truth is held out say too little of somebody's true accuracy. */
const LEAST_HELD_OUT = 30;
/** One item in ten is gold. */
const GOLD_SHARE = 0.1;
const FASTEST_SHARES = [0.05, 0.1, 0.25, 0.5];
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
/** In standard deviations, the half width of a 95 % interval. */
const Z95 = 1.96;

interface Person {
  readonly accuracy: Accuracy;
  readonly byGold: number;
  readonly heldOut: number;
  readonly trueAccuracy: number;
  readonly golds: number;
}

export function crowdFigures(file: string): CrowdFigures {
  const judgements = gunzipSync(readFileSync(file))
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Judgement);
  const people = SEEDS.flatMap((seed) => peopleOf(judgements, seed));
  const truths = people.map(({ trueAccuracy }) => trueAccuracy);
  const means = people.map(({ accuracy }) => accuracy.mean);
  const byGold = people.map((person) => person.byGold);
  return {
    people: people.length / SEEDS.length,
    goldItemsEach: quantile(
      people.map(({ golds }) => golds),
      0.5,
    ),
    correlationGold: correlation(byGold, truths),
    correlation: correlation(means, truths),
    errorGold: rootMeanSquare(byGold, truths),
    error: rootMeanSquare(means, truths),
    coverage: people.filter(({ accuracy, trueAccuracy }) => isWithin(trueAccuracy, accuracy)).length / people.length,
    coverageOfCounts: people.filter(isCountWithin).length / people.length,
    bySpeed: speedRules(judgements),
  };
}

/** Gold is drawn by item, as in the product; the rest has its truth hidden, and serves to compare. */
function peopleOf(judgements: readonly Judgement[], seed: number): Person[] {
  const items = [...new Set(judgements.map(({ item }) => item))];
  const order = shuffledIndices(items.length, seededRandom(seed));
  const gold = new Set([...order.slice(0, items.length * GOLD_SHARE)].map((at) => items[at]));
  const verdicts = judgements.map(({ reviewer, item, label, gold: truth }): Verdict => ({
    reviewer,
    item,
    saysRight: label === '1',
    isRight: gold.has(item) ? truth === '1' : null,
  }));
  const accuracies = reviewerAccuracies(verdicts);
  const goldOnly = reviewerAccuracies(verdicts.filter(({ isRight }) => isRight !== null));
  return [...accuracies].flatMap(([reviewer, accuracy]) => {
    const hidden = judgements.filter((each) => each.reviewer === reviewer && !gold.has(each.item));
    if (hidden.length < LEAST_HELD_OUT) return [];
    const trueAccuracy = shareRight(hidden);
    const golds = accuracy.goldRight + accuracy.goldWrong;
    return [{ accuracy, byGold: goldOnly.get(reviewer)?.mean ?? 0.5, heldOut: hidden.length, trueAccuracy, golds }];
  });
}

function isWithin(value: number, { lowerBound, upperBound }: Accuracy): boolean {
  return value >= lowerBound && value <= upperBound;
}

/** Within the normal interval of the posterior's variance and that of a share of so many. */
function isCountWithin({ accuracy, heldOut, trueAccuracy }: Person): boolean {
  const { mean, posterior } = accuracy;
  const variance = (mean * (1 - mean)) / (posterior.alpha + posterior.beta + 1) + (mean * (1 - mean)) / heldOut;
  return Math.abs(trueAccuracy - mean) <= Z95 * Math.sqrt(variance);
}

function speedRules(judgements: readonly Judgement[]): SpeedRule[] {
  const people = [...new Set(judgements.map(({ reviewer }) => reviewer))]
    .map((reviewer) => judgements.filter((each) => each.reviewer === reviewer))
    .filter((own) => own.length >= LEAST_HELD_OUT)
    .map((own) => ({
      accuracy: shareRight(own),
      seconds: quantile(
        own.map(({ seconds }) => seconds),
        0.5,
      ),
    }));
  const worst = [...people].sort((a, b) => a.accuracy - b.accuracy).slice(0, Math.ceil(people.length / 10));
  const fastestFirst = [...people].sort((a, b) => a.seconds - b.seconds);
  return FASTEST_SHARES.map((fastestShare) => {
    const flagged = fastestFirst.slice(0, Math.round(fastestShare * people.length));
    return {
      fastestShare,
      flagged: flagged.length,
      accuracyOfFlagged: meanOf(flagged.map(({ accuracy }) => accuracy)),
      accuracyOfOthers: meanOf(fastestFirst.slice(flagged.length).map(({ accuracy }) => accuracy)),
      worstFound: worst.filter((person) => flagged.includes(person)).length / worst.length,
    };
  });
}

function shareRight(judgements: readonly Judgement[]): number {
  return judgements.filter(({ label, gold }) => label === gold).length / judgements.length;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function rootMeanSquare(ours: readonly number[], truths: readonly number[]): number {
  return Math.sqrt(meanOf(ours.map((value, at) => (value - (truths[at] ?? NaN)) ** 2)));
}

/** Pearson's. */
function correlation(left: readonly number[], right: readonly number[]): number {
  const [meanLeft, meanRight] = [meanOf(left), meanOf(right)];
  const covariance = meanOf(left.map((value, at) => (value - meanLeft) * ((right[at] ?? NaN) - meanRight)));
  const deviation = (values: readonly number[], mean: number) =>
    Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)));
  return covariance / (deviation(left, meanLeft) * deviation(right, meanRight));
}
