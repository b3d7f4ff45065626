import { expect, it } from '@jest/globals';
import { planLadder } from '../../activities/planLadder';
import type { BusinessHours } from '../../contracts/words/policy';

const nineToFive = { from: '09:00', to: '17:00' };
const hours: BusinessHours = {
  timeZone: 'UTC',
  days: { 1: nineToFive, 2: nineToFive, 3: nineToFive, 4: nineToFive, 5: nineToFive },
  holidays: [],
};
const openedAt = '2026-11-24T16:00:00.000Z';

it('rungs come within business hours', () => {
  expect(planLadder({ hours, openedAt, pauses: [], afterSeconds: [1_800, 7_200] })).toEqual([
    '2026-11-24T16:30:00.000Z',
    '2026-11-25T10:00:00.000Z',
  ]);
});

it('the business hours of a pause come on top, those outside do not', () => {
  const pauses = [{ from: '2026-11-24T16:30:00.000Z', to: '2026-11-25T09:30:00.000Z' }];
  expect(planLadder({ hours, openedAt, pauses, afterSeconds: [600, 7_200] })).toEqual([
    // Before the pause: it had come already.
    '2026-11-24T16:10:00.000Z',
    '2026-11-25T11:00:00.000Z',
  ]);
});

it('hours that never open are a failed step, which leaves the ladder to the clock', () => {
  expect(() => planLadder({ hours: { ...hours, days: {} }, openedAt, pauses: [], afterSeconds: [1] })).toThrow(
    expect.objectContaining({ type: 'step_failed' }),
  );
});
