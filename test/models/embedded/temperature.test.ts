import { expect, test } from '@jest/globals';
import { fitTemperature, tempered } from '../../../models/embedded/temperature';

/** `right` of `total` held-out examples of two classes told right, each with the same lead in score. */
function heldOut({ right, total, lead }: { right: number; total: number; lead: number }) {
  return Array.from({ length: total }, (_, index) => ({
    scores: Float64Array.of(lead, 0),
    label: index < right ? 0 : 1,
  }));
}

test.each([
  [70, 100],
  [95, 100],
  [900, 1000],
])('%i of %i told right becomes that probability, however sure the scores were', (right, total) => {
  for (const lead of [1, 5, 12]) {
    const temperature = fitTemperature(heldOut({ right, total, lead }));
    expect(tempered(Float64Array.of(lead, 0), temperature)[0]).toBeCloseTo(right / total, 1);
  }
});

test('a handful of examples, all told right, makes nothing certain', () => {
  const temperature = fitTemperature(heldOut({ right: 8, total: 8, lead: 5 }));
  expect(tempered(Float64Array.of(5, 0), temperature)[0]).toBeCloseTo(9 / 10, 2);
});

test('without held-out examples scores stay as they are', () => {
  expect(fitTemperature([])).toBe(1);
});
