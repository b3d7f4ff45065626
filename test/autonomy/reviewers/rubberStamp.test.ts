import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FLAG_AT, rubberStampFlag, type WrongGold } from '../../../autonomy/reviewers/rubberStamp';
import { HONEST, KINDS, simulate } from '../../../bench/reviewers/kinds';
import { seededRandom } from '../../../models/embedded/random';

const caught = (count: number) => new Array<WrongGold>(count).fill('caught');
const missed = (count: number) => new Array<WrongGold>(count).fill('missed');

/** Where a reviewer is flagged who caught everything up to an item, and misses everything from there on. */
function flaggedAfterTurn(caughtBefore: number): number | null {
  const { atGold } = rubberStampFlag([...caught(caughtBefore), ...missed(20)]);
  return atGold === null ? null : atGold - caughtBefore;
}

function shareFlagged(name: string, { within, reviewers = 400 }: { within: number; reviewers?: number }): number {
  const kind = KINDS.find((each) => each.name === name);
  if (kind === undefined) throw new RangeError(`there is no kind "${name}"`);
  const random = seededRandom(11);
  const from = kind.turns?.at ?? 0;
  const all = Array.from({ length: reviewers }, () => simulate(kind, { decisions: from + within, random }));
  const asked = all.filter(({ flaggedAt }) => flaggedAt === null || flaggedAt > from);
  return asked.filter(({ flaggedAt }) => flaggedAt !== null).length / asked.length;
}

describe('the flag for rubber-stampers', () => {
  it.each<[WrongGold[], number | null]>([
    [['missed', 'missed'], 2],
    [['caught', 'missed', 'caught', 'missed'], 4],
    [['caught', 'missed', 'caught', 'caught'], null],
    [['caught', 'caught', 'caught', 'missed', 'missed'], null],
    [[], null],
  ])('falls in the probation at the second miss of the first four: %j', (items, atGold) => {
    const flag = rubberStampFlag(items);
    expect([flag.isFlagged, flag.atGold]).toEqual([atGold !== null, atGold]);
    expect(flag.because).toBe(atGold === null ? null : 'probation');
  });

  it('takes four misses in a row of somebody who turns early, and one more after each longer while', () => {
    expect([4, 100, 200, 500, 1_000, 2_000].map(flaggedAfterTurn)).toEqual([4, 4, 5, 5, 6, 6]);
    expect(rubberStampFlag([...caught(50), ...missed(4)]).because).toBe('sequence');
  });

  it('leaves what the probation of honest reviewers costs out of what the sequence may cost', () => {
    const probation = 1 - 0.95 ** 4 - 4 * 0.05 * 0.95 ** 3;
    expect(probation + (1 - probation) / FLAG_AT).toBeCloseTo(0.02, 12);
  });

  it('bets with a process whose mean stays 1 for an honest reviewer, so that Ville bounds it for ever', () => {
    // Exactly, over all 2¹² ways that 12 items after the probation can fall, without stopping at the flag: the last value of the
    // process is what one more item would raise it from, so that it is rebuilt here from the definition.
    const K = 100;
    const prior = (k: number) => K / ((K + k - 1) * (K + k));
    let mean = 0;
    for (let way = 0; way < 2 ** 12; way++) {
      const misses = Array.from({ length: 12 }, (_, at) => ((way >> at) & 1) === 1);
      const chance = misses.reduce((product, miss) => product * (miss ? 0.05 : 0.95), 1);
      const ratios = misses.map((miss) => (miss ? 16 : 0.2 / 0.95));
      const from = ratios.map((_, k) => prior(k + 1) * ratios.slice(k).reduce((product, each) => product * each, 1));
      const value = from.reduce((sum, each) => sum + each, K / (K + 12));
      mean += chance * value;
      const seen = rubberStampFlag([...caught(4), ...misses.map((miss): WrongGold => (miss ? 'missed' : 'caught'))]);
      if (!seen.isFlagged) expect(seen.evidence).toBeGreaterThanOrEqual(value - 1e-9);
    }
    expect(mean).toBeCloseTo(1, 10);
  });

  it('is never lifted by more evidence, and never raised by a caught item', () => {
    const items = fc.array(fc.constantFrom<WrongGold>('missed', 'caught'), { maxLength: 60 });
    fc.assert(
      fc.property(items, items, (first, more) => {
        const before = rubberStampFlag(first);
        if (before.isFlagged) expect(rubberStampFlag([...first, ...more])).toEqual(before);
        else expect(rubberStampFlag([...first, 'caught']).isFlagged).toBe(false);
      }),
    );
  });

  it('falls no later where a caught item had been missed', () => {
    const items = fc.array(fc.constantFrom<WrongGold>('missed', 'caught'), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(items, fc.nat(), (all, at) => {
        const worse = all.with(at % all.length, 'missed');
        const [before, after] = [rubberStampFlag(all), rubberStampFlag(worse)];
        if (before.atGold !== null) expect(after.atGold).toBeLessThanOrEqual(before.atGold);
      }),
    );
  });
});

describe('reviewers who are simulated', () => {
  it('are flagged by their 30th decision if they approve everything or nearly everything', () => {
    expect(shareFlagged('rubber-stamper', { within: 30 })).toBe(1);
    expect(shareFlagged('near-stamper', { within: 30 })).toBeGreaterThanOrEqual(0.95);
  });

  it('are flagged within 130 decisions in 95 % of cases when they turn later', () => {
    expect(shareFlagged('lazy after 100', { within: 130 })).toBeGreaterThanOrEqual(0.95);
    expect(shareFlagged('nearly, after 100', { within: 130 })).toBeGreaterThanOrEqual(0.95);
  });

  it('are hardly ever flagged if they are honest, and not for being fast', () => {
    const random = seededRandom(3);
    const honest = Array.from({ length: 2_500 }, () => simulate(HONEST, { decisions: 1_000, random }));
    expect(honest.filter(({ flaggedAt }) => flaggedAt !== null).length / honest.length).toBeLessThanOrEqual(0.02);
    expect(shareFlagged('fast and accurate', { within: 1_000 })).toBeLessThanOrEqual(0.02);
  });
});
