import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { BusinessHours } from '../../contracts/words/policy';
import { afterBusinessSeconds, businessSecondsBetween } from '../../platform/businessHours';

const HOUR = 3_600;
const nineToFive = { from: '09:00', to: '17:00' };
const WEEKDAYS: BusinessHours = {
  timeZone: 'Europe/London',
  days: { 1: nineToFive, 2: nineToFive, 3: nineToFive, 4: nineToFive, 5: nineToFive },
  holidays: ['2026-12-25'],
};

describe('a time after so much of the business hours', () => {
  it.each([
    ['within a day', '2026-11-24T10:00:00Z', 2 * HOUR, '2026-11-24T12:00:00.000Z'],
    ['goes on the next day', '2026-11-24T16:00:00Z', 2 * HOUR, '2026-11-25T10:00:00.000Z'],
    ['skips the weekend', '2026-11-27T16:30:00Z', HOUR, '2026-11-30T09:30:00.000Z'],
    ['begins when the hours do', '2026-11-28T03:00:00Z', HOUR, '2026-11-30T10:00:00.000Z'],
    ['skips a holiday and the weekend after it', '2026-12-24T16:59:00Z', 120, '2026-12-28T09:01:00.000Z'],
    ['ends with the day, not on the next', '2026-11-24T16:00:00Z', HOUR, '2026-11-24T17:00:00.000Z'],
    // Clocks in London go forward on 29 March 2026: 09:00 is 08:00 UTC from then on.
    ['follows the clocks of the place', '2026-03-27T16:00:00Z', 2 * HOUR, '2026-03-30T09:00:00.000Z'],
  ])('%s', (_, from, seconds, expected) => {
    expect(afterBusinessSeconds(WEEKDAYS, from, seconds)).toBe(expected);
  });

  it('may be by night, and past midnight in UTC', () => {
    const night: BusinessHours = {
      ...WEEKDAYS,
      timeZone: 'America/New_York',
      days: { 2: { from: '18:00', to: '24:00' } },
    };
    expect(afterBusinessSeconds(night, '2026-11-24T20:00:00Z', 2 * HOUR)).toBe('2026-11-25T01:00:00.000Z');
  });

  it('can not be told where the hours never open', () => {
    expect(() => afterBusinessSeconds({ ...WEEKDAYS, days: {} }, '2026-11-24T10:00:00Z', 1)).toThrow(RangeError);
    expect(() => afterBusinessSeconds({ ...WEEKDAYS, timeZone: 'Mars/Base' }, '2026-11-24T10:00:00Z', 1)).toThrow(
      'Mars/Base',
    );
  });

  it('is so much of the business hours away, whenever and however much', () => {
    const times = fc.date({ min: new Date('2026-01-01'), max: new Date('2027-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 60 * HOUR }), (from, seconds) => {
        const at = afterBusinessSeconds(WEEKDAYS, from.toISOString(), seconds);
        expect(businessSecondsBetween(WEEKDAYS, from.toISOString(), at)).toBeCloseTo(seconds, 2);
      }),
      { numRuns: 200 },
    );
  });
});

it('no business seconds lie between a time and an earlier one', () => {
  expect(businessSecondsBetween(WEEKDAYS, '2026-11-24T12:00:00Z', '2026-11-24T10:00:00Z')).toBe(0);
});
