import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { betaCdf, betaMean, betaQuantile, lnBeta } from '../../autonomy/beta';

describe('the Beta distribution', () => {
  // Computed with @stdlib/stats-base-dists-beta-quantile 0.2.3, an implementation of another origin.
  it.each([
    [0.025, 0.5, 0.5, 0.001541333133436012],
    [0.5, 0.5, 33, 0.006921297951599567],
    [0.975, 2, 1, 0.9874208829065749],
    [0.025, 5, 2, 0.35876542100232517],
    [0.05, 17.3, 5, 0.6203167852015614],
    [0.95, 17.3, 5, 0.9026261186334346],
    [0.025, 96, 6, 0.8882449413653339],
    [0.975, 96, 6, 0.977889427590582],
    [0.001, 1000, 33, 0.9485788466631353],
    [0.999, 33, 900, 0.05687366330437544],
  ])('has at %d of Beta(%d, %d) the quantile %d, as another library says', (probability, alpha, beta, expected) => {
    expect(betaQuantile(probability, { alpha, beta })).toBeCloseTo(expected, 11);
  });

  // Clopper and Pearson, The use of confidence or fiducial limits (1934): 95 % limits of a share, by Beta quantiles.
  it.each([
    [0, 10, 0, 0.3085],
    [1, 10, 0.0025, 0.445],
    [5, 10, 0.1871, 0.8129],
    [10, 100, 0.049, 0.1762],
  ])('gives the exact limits of %d out of %d', (count, of, low, high) => {
    if (count > 0) expect(betaQuantile(0.025, { alpha: count, beta: of - count + 1 })).toBeCloseTo(low, 4);
    expect(betaQuantile(0.975, { alpha: count + 1, beta: of - count })).toBeCloseTo(high, 4);
  });

  it('is the tail of the binomial distribution where its parameters are whole', () => {
    const tail = (n: number, k: number, x: number): number => {
      let sum = 0;
      let term = (1 - x) ** n;
      for (let count = 0; count <= n; count++) {
        if (count >= k) sum += term;
        term *= ((n - count) / (count + 1)) * (x / (1 - x));
      }
      return sum;
    };
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.double({ min: 0.02, max: 0.98, noNaN: true }),
        (alpha, beta, x) => {
          expect(betaCdf(x, { alpha, beta })).toBeCloseTo(tail(alpha + beta - 1, alpha, x), 10);
        },
      ),
    );
  });

  it('knows the values that can be written down', () => {
    expect(Math.exp(lnBeta({ alpha: 3, beta: 4 }))).toBeCloseTo(1 / 60, 14);
    expect(Math.exp(lnBeta({ alpha: 0.5, beta: 0.5 }))).toBeCloseTo(Math.PI, 12);
    expect(betaCdf(0.3, { alpha: 0.5, beta: 0.5 })).toBeCloseTo((2 / Math.PI) * Math.asin(Math.sqrt(0.3)), 12);
    expect(betaQuantile(0.37, { alpha: 1, beta: 1 })).toBeCloseTo(0.37, 14);
    expect(betaMean({ alpha: 3, beta: 1 })).toBe(0.75);
    expect([betaQuantile(0, { alpha: 2, beta: 2 }), betaQuantile(1, { alpha: 2, beta: 2 })]).toEqual([0, 1]);
    expect([betaCdf(0, { alpha: 2, beta: 2 }), betaCdf(1, { alpha: 2, beta: 2 })]).toEqual([0, 1]);
  });

  it('finds for any probability the point that has it', () => {
    // Below 1 the density has no bound near the ends, and neighbouring doubles lie further apart than the tolerance.
    const parameter = fc.double({ min: 1, max: 2_000, noNaN: true });
    fc.assert(
      fc.property(
        parameter,
        parameter,
        fc.double({ min: 0.001, max: 0.999, noNaN: true }),
        (alpha, beta, probability) => {
          expect(betaCdf(betaQuantile(probability, { alpha, beta }), { alpha, beta })).toBeCloseTo(probability, 8);
        },
      ),
    );
  });

  it.each<[string, () => number]>([
    ['a parameter of 0', () => betaCdf(0.5, { alpha: 0, beta: 1 })],
    ['a parameter that is no number', () => betaQuantile(0.5, { alpha: 1, beta: NaN })],
    ['a parameter without end', () => lnBeta({ alpha: Infinity, beta: 1 })],
    ['a point above 1', () => betaCdf(1.1, { alpha: 1, beta: 1 })],
    ['a probability below 0', () => betaQuantile(-0.1, { alpha: 1, beta: 1 })],
  ])('throws for %s', (_, call) => {
    expect(call).toThrow(RangeError);
  });
});
