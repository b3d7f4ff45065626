import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { missRate } from '../../../autonomy/reviewers/missRate';
import type { WrongGold } from '../../../autonomy/reviewers/rubberStamp';
import { seededRandom } from '../../../models/embedded/random';

const itemsOf = ({ missed, caught }: { missed: number; caught: number }): WrongGold[] => [
  ...new Array<WrongGold>(missed).fill('missed'),
  ...new Array<WrongGold>(caught).fill('caught'),
];

describe('what a reviewer misses', () => {
  it('is unbounded without evidence, and where nothing was ever caught', () => {
    expect(missRate([])).toEqual({ items: 0, missed: 0, mean: 0.5, upperBound: 1 });
    expect(missRate(itemsOf({ missed: 9, caught: 0 })).upperBound).toBe(1);
  });

  it.each([4, 20, 100])('is bounded, with none of %d missed, by what solves (n + 1)(1 − m)ⁿ = δ', (caught) => {
    const { upperBound, mean } = missRate(itemsOf({ missed: 0, caught }));
    expect(upperBound).toBeCloseTo(1 - (0.05 / (caught + 1)) ** (1 / caught), 10);
    expect(mean).toBeCloseTo(1 / (caught + 2), 14);
  });

  it('is at most the true rate in hardly any sequence at any time', () => {
    const random = seededRandom(21);
    const broken = Array.from({ length: 200 }, () => {
      const items: WrongGold[] = [];
      for (let item = 0; item < 60; item++) {
        items.push(random() < 0.1 ? 'missed' : 'caught');
        if (missRate(items).upperBound < 0.1) return true;
      }
      return false;
    }).filter(Boolean).length;
    expect(broken / 200).toBeLessThanOrEqual(0.05);
  });

  it('has a bound above what was seen, that grows with each miss and shrinks with each catch', () => {
    const some = fc.nat(80);
    fc.assert(
      fc.property(some, some, (missed, caught) => {
        const bound = (counts: { missed: number; caught: number }) => missRate(itemsOf(counts)).upperBound;
        const here = bound({ missed, caught });
        expect(here).toBeGreaterThanOrEqual(missed / Math.max(1, missed + caught));
        expect(bound({ missed: missed + 1, caught })).toBeGreaterThanOrEqual(here - 1e-12);
        expect(missRate(itemsOf({ missed, caught }), { delta: 0.01 }).upperBound).toBeGreaterThanOrEqual(here);
      }),
    );
  });

  it.each([0, 1, NaN])('refuses a delta of %d', (delta) => {
    expect(() => missRate([], { delta })).toThrow(RangeError);
  });
});
