import { expect, it } from '@jest/globals';
import type { CaseResult, Column, Made } from '../../conformance/runCases';
import { detailsOf, withOthersOf } from '../../conformance/table';

const EARLIER: Made = { version: 'memory 1', date: '2026-01-02', commit: 'abc1234' };
const NOW: Made = { version: 'memory 2', date: '2026-03-04', commit: 'def5678' };

function resultOf(number: number, made: Made): CaseResult {
  return { number, title: `case ${number}`, result: 'pass', observed: 'so it is', made };
}

function columnOf(made: Made, numbers: readonly number[]): Column {
  const results = numbers.map((number) => resultOf(number, made));
  return { name: 'memory', title: 'Memory', version: made.version, seconds: 1, results };
}

it('says of which version, date and commit the results are', () => {
  const lines = detailsOf(columnOf(NOW, [1, 2])).split('\n');
  expect(lines).toContain('memory 2; on 2026-03-04, at commit def5678.');
  expect(lines).toContain('- 1 pass: so it is');
});

it('keeps what was observed of other cases before, and says of what it is', () => {
  const merged = withOthersOf(columnOf(EARLIER, [1, 2, 3]), columnOf(NOW, [1, 3]));
  const lines = detailsOf(merged).split('\n');
  expect(lines).toContain('memory 2; on 2026-03-04, at commit def5678, but for what says otherwise.');
  expect(lines.filter((line) => line.startsWith('- '))).toEqual([
    '- 1 pass: so it is',
    '- 2 pass: so it is (memory 1, on 2026-01-02, at commit abc1234)',
    '- 3 pass: so it is',
  ]);
});
