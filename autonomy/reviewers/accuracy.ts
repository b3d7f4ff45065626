import { type Beta, betaMean, betaQuantile } from '../beta';

/** What one reviewer said of one draft. A correction of style alone says that the draft was right. */
export interface Verdict {
  readonly reviewer: string;
  /** The task that was decided. At most one verdict of a reviewer on an item. */
  readonly item: string;
  readonly saysRight: boolean;
  /** Whether the draft was right, where that is known: for gold. Null for everything else. */
  readonly isRight: boolean | null;
}

/** One verdict next to what others said of the same item. */
export interface Agreement {
  readonly isAgreeing: boolean;
  /** The probability that the others were right: their verdicts weighed by their own gold, in (0.5, 1). */
  readonly reference: number;
}

export interface ReviewerEvidence {
  readonly goldRight: number;
  readonly goldWrong: number;
  readonly agreements: readonly Agreement[];
}

export interface Accuracy extends ReviewerEvidence {
  /** The posterior of the probability that a verdict is right. */
  readonly posterior: Beta;
  readonly mean: number;
  /** The ends of the central credible interval. */
  readonly lowerBound: number;
  readonly upperBound: number;
}

/**
 * Uniform: before any gold, a reviewer is as likely to be a coin as to be perfect. It is worth two gold items, one right and one wrong,
 * so that trust has to be shown, and a handful of items outweighs it. A prior fitted to the other reviewers would be sharper, and
 * would judge a newcomer by their colleagues.
 */
const PRIOR: Beta = { alpha: 1, beta: 1 };
const DEFAULT_CREDIBILITY = 0.95;
/** Points at which the posterior is evaluated, and how many standard deviations of the gold posterior they span to each side. */
const POINTS = 400;
const SPAN_DEVIATIONS = 8;

/**
 * The accuracy of each reviewer who has a verdict, from gold and from agreement with others on items that are not gold; by
 * `reviewer`. What somebody took in seconds is no part of it. The order of the verdicts makes no difference.
 *
 * Another reviewer's verdict is a reference that is right with some probability c, taken from that reviewer's gold alone (never from
 * agreement: two who approve everything agree with each other, and that must not count for them). Several others on one item
 * are combined as independent witnesses with even odds before (Nitzan and Paroush, 1982); who is not better than a coin by their
 * gold is no witness.
 */
export function reviewerAccuracies(
  verdicts: readonly Verdict[],
  { credibility = DEFAULT_CREDIBILITY } = {},
): Map<string, Accuracy> {
  const gold = goldOf(verdicts);
  const agreements = agreementsOf(verdicts, new Map([...gold].map(([name, beta]) => [name, betaMean(beta)])));
  return new Map(
    [...gold].map(([reviewer, { alpha, beta }]) => {
      const counts = { goldRight: alpha - PRIOR.alpha, goldWrong: beta - PRIOR.beta };
      const evidence = { ...counts, agreements: agreements.get(reviewer) ?? [] };
      return [reviewer, accuracyOf(evidence, { credibility })];
    }),
  );
}

/**
 * The posterior of one reviewer's accuracy p. A gold item contributes p or 1 − p. A verdict that agrees with a reference
 * contributes p·c + (1 − p)(1 − c), one that doesn't p(1 − c) + (1 − p)·c: Dawid and Skene's one-coin model (1979) with the
 * others' accuracies given. It is linear in c, so that the mean of an uncertain c is all that is needed. With c = 1 it is a gold
 * item, and the nearer c is to a half the less it says: (2c − 1)² of a gold item, and agreement is scaled down so that
 * all of it together never says more than the gold did, since witnesses can be wrong together and gold can't.
 *
 * The posterior is the Beta distribution with the same mean and variance; without agreement it is exactly Beta(1 + right, 1 + wrong).
 */
export function accuracyOf(evidence: ReviewerEvidence, { credibility = DEFAULT_CREDIBILITY } = {}): Accuracy {
  if (!(credibility > 0 && credibility < 1))
    throw new RangeError(`credibility is ${credibility}: give a number in (0, 1)`);
  const posterior = posteriorOf(evidence);
  return {
    ...evidence,
    posterior,
    mean: betaMean(posterior),
    lowerBound: betaQuantile((1 - credibility) / 2, posterior),
    upperBound: betaQuantile((1 + credibility) / 2, posterior),
  };
}

function posteriorOf({ goldRight, goldWrong, agreements }: ReviewerEvidence): Beta {
  const gold = { alpha: PRIOR.alpha + goldRight, beta: PRIOR.beta + goldWrong };
  const said = agreements.reduce((sum, { reference }) => sum + (2 * reference - 1) ** 2, 0);
  if (said === 0 || goldRight + goldWrong === 0) return gold;
  const share = Math.min(1, (goldRight + goldWrong) / said);
  const lnDensity = (p: number): number =>
    (gold.alpha - 1) * Math.log(p) +
    (gold.beta - 1) * Math.log1p(-p) +
    share * agreements.reduce((sum, agreement) => sum + Math.log(chanceOf(agreement, p)), 0);
  return withMomentsOf(lnDensity, pointsAround(gold));
}

function chanceOf({ isAgreeing, reference }: Agreement, p: number): number {
  const ofAgreeing = p * reference + (1 - p) * (1 - reference);
  return isAgreeing ? ofAgreeing : 1 - ofAgreeing;
}

/** Midpoints of equal parts of the range in which the gold posterior has practically all its mass. */
function pointsAround({ alpha, beta }: Beta): number[] {
  const mean = betaMean({ alpha, beta });
  const reach = SPAN_DEVIATIONS * Math.sqrt((mean * (1 - mean)) / (alpha + beta + 1));
  const low = Math.max(0, mean - reach);
  const width = (Math.min(1, mean + reach) - low) / POINTS;
  return Array.from({ length: POINTS }, (_, at) => low + (at + 0.5) * width);
}

function withMomentsOf(lnDensity: (p: number) => number, points: readonly number[]): Beta {
  const lnDensities = points.map(lnDensity);
  const highest = Math.max(...lnDensities);
  const densities = lnDensities.map((each) => Math.exp(each - highest));
  const total = sumOf(densities);
  const mean = sumOf(points.map((p, at) => p * (densities[at] ?? 0))) / total;
  const variance = sumOf(points.map((p, at) => (p - mean) ** 2 * (densities[at] ?? 0))) / total;
  const weight = (mean * (1 - mean)) / variance - 1;
  return { alpha: mean * weight, beta: (1 - mean) * weight };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** Each reviewer's posterior from gold alone. */
function goldOf(verdicts: readonly Verdict[]): Map<string, Beta> {
  const gold = new Map<string, Beta>();
  for (const { reviewer, saysRight, isRight } of verdicts) {
    const { alpha, beta } = gold.get(reviewer) ?? PRIOR;
    const right = isRight === null ? 0 : Number(saysRight === isRight);
    const wrong = isRight === null ? 0 : 1 - right;
    gold.set(reviewer, { alpha: alpha + right, beta: beta + wrong });
  }
  return gold;
}

function agreementsOf(verdicts: readonly Verdict[], accuracies: ReadonlyMap<string, number>): Map<string, Agreement[]> {
  const agreements = new Map<string, Agreement[]>();
  for (const item of itemsOf(verdicts.filter(({ isRight }) => isRight === null))) {
    const total = sumOf(item.map((verdict) => logOddsOfRight(verdict, accuracies)));
    for (const verdict of item) {
      // Everybody else's: one's own verdict is no witness for oneself.
      const others = total - logOddsOfRight(verdict, accuracies);
      if (others === 0) continue;
      const reference = 1 / (1 + Math.exp(-Math.abs(others)));
      append(agreements, verdict.reviewer, { isAgreeing: verdict.saysRight === others > 0, reference });
    }
  }
  return agreements;
}

function itemsOf(verdicts: readonly Verdict[]): Iterable<readonly Verdict[]> {
  const items = new Map<string, Verdict[]>();
  for (const verdict of verdicts) append(items, verdict.item, verdict);
  return items.values();
}

function append<Value>(lists: Map<string, Value[]>, key: string, value: Value): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

/** What a witness adds to the log-odds that the draft was right. Nothing, if they are no better than a coin. */
function logOddsOfRight({ reviewer, saysRight }: Verdict, accuracies: ReadonlyMap<string, number>): number {
  const accuracy = accuracies.get(reviewer) ?? 0.5;
  if (accuracy <= 0.5) return 0;
  const weight = Math.log(accuracy / (1 - accuracy));
  return saysRight ? weight : -weight;
}
