import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { betaQuantile } from '../../../autonomy/beta';
import { accuracyOf, reviewerAccuracies, type Verdict } from '../../../autonomy/reviewers/accuracy';
import { seededRandom, shuffledIndices } from '../../../models/embedded/random';

const counts = fc.record({ goldRight: fc.nat(60), goldWrong: fc.nat(60) });
const agreement = fc.record({ isAgreeing: fc.boolean(), reference: fc.double({ min: 0.5, max: 0.999, noNaN: true }) });
const evidence = fc.record({
  goldRight: fc.nat(60),
  goldWrong: fc.nat(60),
  agreements: fc.array(agreement, { maxLength: 20 }),
});

function gold(reviewer: string, { right, wrong }: { right: number; wrong: number }): Verdict[] {
  return Array.from({ length: right + wrong }, (_, at) => ({
    reviewer,
    item: `gold ${reviewer} ${at}`,
    saysRight: at < right,
    isRight: true,
  }));
}

function shared(reviewers: readonly string[], { items, says }: { items: number; says: (reviewer: string) => boolean }) {
  return Array.from({ length: items }, (_, at) =>
    reviewers.map((reviewer): Verdict => ({
      reviewer,
      item: `shared ${at}`,
      saysRight: says(reviewer),
      isRight: null,
    })),
  ).flat();
}

describe("a reviewer's accuracy", () => {
  it('is, from gold alone, the Beta distribution that counts right and wrong from one each', () => {
    const { posterior, mean, lowerBound, upperBound } = accuracyOf({ goldRight: 18, goldWrong: 2, agreements: [] });
    expect(posterior).toEqual({ alpha: 19, beta: 3 });
    expect(mean).toBeCloseTo(19 / 22, 14);
    expect(lowerBound).toBeCloseTo(betaQuantile(0.025, { alpha: 19, beta: 3 }), 12);
    expect(upperBound).toBeCloseTo(betaQuantile(0.975, { alpha: 19, beta: 3 }), 12);
  });

  it('is anything between 0 and 1 before there is evidence', () => {
    const { lowerBound, mean, upperBound } = accuracyOf({ goldRight: 0, goldWrong: 0, agreements: [] });
    expect([lowerBound, mean, upperBound].map((each) => Number(each.toFixed(12)))).toEqual([0.025, 0.5, 0.975]);
  });

  it('counts agreement with somebody who is always right as gold', () => {
    const sure = { isAgreeing: true, reference: 1 };
    const { mean, posterior } = accuracyOf({
      goldRight: 9,
      goldWrong: 1,
      agreements: [sure, sure, { ...sure, isAgreeing: false }],
    });
    expect(mean).toBeCloseTo(12 / 15, 3);
    expect(posterior.alpha + posterior.beta).toBeCloseTo(15, 1);
  });

  it('learns less from agreement the less the other is known to be right, and nothing from a coin', () => {
    const meanWith = (reference: number) =>
      accuracyOf({ goldRight: 6, goldWrong: 4, agreements: Array(5).fill({ isAgreeing: true, reference }) }).mean;
    const means = [0.5, 0.7, 0.9, 0.99].map(meanWith);
    expect(means[0]).toBeCloseTo(7 / 12, 14);
    expect([...means].sort((a, b) => a - b)).toEqual(means);
    expect(new Set(means).size).toBe(4);
  });

  it('never lets agreement weigh more than gold, however much of it there is', () => {
    const agreements = Array(2_000).fill({ isAgreeing: true, reference: 0.95 });
    const { posterior } = accuracyOf({ goldRight: 2, goldWrong: 4, agreements });
    expect(posterior.alpha + posterior.beta).toBeLessThan(2 + 2 * 6 + 3);
    expect(accuracyOf({ goldRight: 0, goldWrong: 0, agreements }).posterior).toEqual({ alpha: 1, beta: 1 });
  });

  it('rises when a gold item is right that was wrong, whatever others say', () => {
    fc.assert(
      fc.property(evidence, (all) => {
        if (all.goldWrong === 0) return;
        const better = { ...all, goldRight: all.goldRight + 1, goldWrong: all.goldWrong - 1 };
        expect(accuracyOf(better).mean).toBeGreaterThan(accuracyOf(all).mean);
      }),
    );
  });

  it('does not fall when somebody agrees who disagreed', () => {
    fc.assert(
      fc.property(counts, fc.array(agreement, { minLength: 1, maxLength: 20 }), (gold, agreements) => {
        const better = agreements.map((each, at) => (at === 0 ? { ...each, isAgreeing: true } : each));
        const before = accuracyOf({ ...gold, agreements });
        expect(accuracyOf({ ...gold, agreements: better }).mean).toBeGreaterThanOrEqual(before.mean - 1e-9);
      }),
    );
  });

  it('lies within its bounds, which are in [0, 1] and wider with more credibility', () => {
    fc.assert(
      fc.property(evidence, (all) => {
        const [usual, wide] = [accuracyOf(all), accuracyOf(all, { credibility: 0.99 })];
        const order = [0, wide.lowerBound, usual.lowerBound, usual.mean, usual.upperBound, wide.upperBound, 1];
        expect([...order].sort((a, b) => a - b)).toEqual(order);
      }),
    );
  });

  it.each([0, 1, NaN, 95])('refuses a credibility of %d', (credibility) => {
    expect(() => accuracyOf({ goldRight: 1, goldWrong: 1, agreements: [] }, { credibility })).toThrow(RangeError);
  });
});

describe('the accuracies of all', () => {
  it('do not depend on the order of the verdicts', () => {
    const random = seededRandom(5);
    const verdicts = Array.from({ length: 200 }, (_, at): Verdict => {
      const isGold = at % 5 === 0;
      const isRight = random() < 0.7;
      const saysRight = random() < 0.85 ? isRight : !isRight;
      return { reviewer: `r${at % 7}`, item: `i${Math.floor(at / 7)}`, saysRight, isRight: isGold ? isRight : null };
    });
    const usual = reviewerAccuracies(verdicts);
    const shuffled = reviewerAccuracies([...shuffledIndices(200, random)].flatMap((at) => verdicts[at] ?? []));
    expect([...shuffled.keys()].sort()).toEqual([...usual.keys()].sort());
    for (const [reviewer, { mean, lowerBound }] of usual) {
      expect(shuffled.get(reviewer)?.mean).toBeCloseTo(mean, 12);
      expect(shuffled.get(reviewer)?.lowerBound).toBeCloseTo(lowerBound, 12);
    }
  });

  it('give nothing to two who agree with each other and have no gold right', () => {
    const pair = ['a', 'b'];
    const accuracies = reviewerAccuracies([
      ...gold('a', { right: 0, wrong: 4 }),
      ...gold('b', { right: 0, wrong: 4 }),
      ...shared(pair, { items: 500, says: () => true }),
    ]);
    for (const reviewer of pair) expect(accuracies.get(reviewer)?.posterior).toEqual({ alpha: 1, beta: 5 });
  });

  it('take nobody as a witness for themselves', () => {
    const alone = shared(['a'], { items: 50, says: () => true });
    const { posterior } = reviewerAccuracies([...gold('a', { right: 9, wrong: 1 }), ...alone]).get('a') ?? {};
    expect(posterior).toEqual({ alpha: 10, beta: 2 });
  });

  it('raise one who agrees with a proven reviewer, and lower one who does not', () => {
    const accuracies = reviewerAccuracies([
      ...gold('proven', { right: 60, wrong: 1 }),
      ...gold('agreeing', { right: 6, wrong: 2 }),
      ...gold('disagreeing', { right: 6, wrong: 2 }),
      ...shared(['proven', 'agreeing', 'disagreeing'], { items: 8, says: (reviewer) => reviewer !== 'disagreeing' }),
    ]);
    const meanOf = (reviewer: string) => accuracies.get(reviewer)?.mean ?? NaN;
    expect(meanOf('agreeing')).toBeGreaterThan(7 / 10 + 0.05);
    expect(meanOf('disagreeing')).toBeLessThan(7 / 10 - 0.05);
  });

  it('come nearer to the truth with agreement than from gold alone', () => {
    const random = seededRandom(8);
    const truths = Array.from({ length: 40 }, () => 0.6 + 0.39 * random());
    const verdicts = Array.from({ length: 600 }, (_, item) =>
      Array.from({ length: 6 }, (): Verdict => {
        const reviewer = Math.floor(random() * truths.length);
        const isRight = item % 2 === 0;
        const saysRight = random() < (truths[reviewer] ?? 0) ? isRight : !isRight;
        return { reviewer: String(reviewer), item: `${item}`, saysRight, isRight: item % 10 < 2 ? isRight : null };
      }).filter(({ reviewer }, at, all) => all.findIndex((each) => each.reviewer === reviewer) === at),
    ).flat();
    const errorOf = (given: Verdict[]) =>
      [...reviewerAccuracies(given)].reduce(
        (sum, [name, { mean }]) => sum + (mean - (truths[Number(name)] ?? 0)) ** 2,
        0,
      );
    expect(errorOf(verdicts)).toBeLessThan(0.8 * errorOf(verdicts.filter(({ isRight }) => isRight !== null)));
    const all = [...reviewerAccuracies(verdicts)];
    const covered = all.filter(([name, { lowerBound, upperBound }]) => {
      const truth = truths[Number(name)] ?? 0;
      return lowerBound <= truth && truth <= upperBound;
    });
    expect(covered.length / all.length).toBeGreaterThanOrEqual(0.9);
  });
});
