import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { goldDue } from '../../../autonomy/reviewers/goldSchedule';
import type { GoldDraft } from '../../../contracts/words/gold';
import { seededRandom } from '../../../models/embedded/random';

/** The decisions, from 0, that are about gold when each is put as soon as it is due. */
function placesOf(draft: GoldDraft, { decisions, seed, from = 0 }: { decisions: number; seed: number; from?: number }) {
  const random = seededRandom(seed);
  const places: number[] = [];
  for (let decisionsSoFar = from; decisionsSoFar < decisions; decisionsSoFar++)
    if (goldDue({ draft, decisionsSoFar, goldSoFar: places.length, draw: random() })) places.push(decisionsSoFar);
  return places;
}

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

describe('the schedule of gold', () => {
  it('puts exactly four wrong drafts and two right ones among the first 30 decisions', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        expect(placesOf('wrong', { decisions: 30, seed })).toHaveLength(4);
        expect(placesOf('right', { decisions: 30, seed })).toHaveLength(2);
      }),
      { numRuns: 500 },
    );
  });

  it('puts exactly one wrong draft in each 18 decisions after them, and one right draft in each 36', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const blocks = (draft: GoldDraft, length: number) =>
          placesOf(draft, { decisions: 30 + 360, seed })
            .filter((place) => place >= 30)
            .map((place) => Math.floor((place - 30) / length));
        expect(blocks('wrong', 18)).toEqual(Array.from({ length: 20 }, (_, block) => block));
        expect(blocks('right', 36)).toEqual(Array.from({ length: 10 }, (_, block) => block));
      }),
    );
  });

  it('makes each place as likely as any other', () => {
    const rounds = 6_000;
    const counts = new Array<number>(48).fill(0);
    for (let seed = 0; seed < rounds; seed++)
      for (const place of placesOf('wrong', { decisions: 48, seed: seed * 7_919 }))
        counts[place] = (counts[place] ?? 0) + 1;
    const chiSquare = (places: number[], expected: number) =>
      places.reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0);
    // The 0.999 quantiles of chi-square with 29 and 17 degrees of freedom.
    expect(chiSquare(counts.slice(0, 30), (rounds * 4) / 30)).toBeLessThan(58.3);
    expect(chiSquare(counts.slice(30), rounds / 18)).toBeLessThan(40.8);
  });

  it('makes up for gold that was lacking at no more than the rate of the first 30', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const places = placesOf('wrong', { from: 500, decisions: 800, seed });
        expect(places.length).toBeGreaterThan(20);
        expect(places.filter((place) => place < 530).length).toBeLessThan(18);
      }),
    );
  });

  it('waits while more gold than is due waits for the reviewer', () => {
    for (let decisionsSoFar = 30; decisionsSoFar < 48; decisionsSoFar++)
      expect(goldDue({ draft: 'wrong', decisionsSoFar, goldSoFar: 5, draw: 0 })).toBe(false);
    expect(goldDue({ draft: 'wrong', decisionsSoFar: 3, goldSoFar: 4, draw: 0 })).toBe(false);
  });

  it.each([
    { decisionsSoFar: -1 },
    { decisionsSoFar: 1.5 },
    { goldSoFar: NaN },
    { draw: 1 },
    { draw: -0.1 },
    { draw: NaN },
  ])('refuses %j', (wrong) => {
    expect(() => goldDue({ draft: 'wrong', decisionsSoFar: 0, goldSoFar: 0, draw: 0.5, ...wrong })).toThrow(RangeError);
  });
});
