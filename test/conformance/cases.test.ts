import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Adapter } from '../../conformance/adapter';
import { dbos } from '../../conformance/adapters/dbos';
import { langgraph } from '../../conformance/adapters/langgraph';
import { restate } from '../../conformance/adapters/restate';
import { ALL_CASES } from '../../conformance/cases/allCases';
import { Outside } from '../../conformance/outside';
import { runCases } from '../../conformance/runCases';
import { type Outcome, Trial } from '../../conformance/trial';
import { patience } from '../../conformance/until';
import { MemorySystem, type Planted } from './memorySystem';

const SECONDS = 3;

let outside: Outside;
beforeAll(async () => {
  outside = await Outside.open();
});
afterAll(() => outside.close());

// Before the first test: those that run at the same time start before any hook.
patience.atMostSeconds = SECONDS;

/** The suite as it runs: one case, on a system in memory. */
async function outcomeOf(number: number, planted: Planted | null): Promise<Outcome | undefined> {
  const adapter: Adapter = {
    name: 'memory',
    title: 'Memory',
    version: () => '1',
    notOffered: {},
    open: (world) => Promise.resolve(new MemorySystem(world.outside, planted)),
  };
  const cases = ALL_CASES.filter((each) => each.number === number);
  return (await runCases(adapter, { cases, rounds: 2, commit: 'none', tell: () => undefined })).results[0];
}

const CASES = ALL_CASES.map(({ number, title }) => [number, title] as const);

test.concurrent.each(CASES)('case %i passes where it is so: %s', async (number) => {
  expect(await outcomeOf(number, null)).toMatchObject({ result: 'pass' });
});

test.concurrent.each(CASES)('case %i fails where it is not so: %s', async (number) => {
  expect(await outcomeOf(number, { case: number })).toMatchObject({ result: 'fail' });
});

/** More ways in which it may not be so. */
const FAULTS: readonly (readonly [number, string])[] = [
  [1, 'later'],
  [2, 'but acted on'],
  [9, 'as it was'],
  [9, 'and stays there'],
  [9, 'twice'],
  [21, 'by the window'],
  [21, 'a window that is shut'],
  [27, 'for a person'],
  [27, 'whatever it says'],
  [31, 'who'],
  [31, 'what'],
  [31, 'when'],
  [31, 'why'],
  [32, 'in the middle'],
  [32, 'at the end'],
  [34, 'unrecorded'],
  [35, 'what was decided, too'],
  [35, 'not under load'],
  [41, 'later'],
  [43, 'and goes on without it'],
  [47, 'twice'],
  [49, 'by the window'],
];

test.concurrent.each(FAULTS)('case %i fails where it is not so: %s', async (number, how) => {
  expect(await outcomeOf(number, { case: number, how })).toMatchObject({ result: 'fail' });
});

test('a case is run on no system that says why it does not offer it', async () => {
  const trial = new Trial(new MemorySystem(outside), outside, 1);
  expect(ALL_CASES.length).toBe(new Set(ALL_CASES.map(({ number }) => number)).size);
  for (const { notOffered } of [dbos, langgraph, restate])
    for (const [number, why] of Object.entries(notOffered)) {
      expect(ALL_CASES.map((each) => each.number)).toContain(Number(number));
      expect(why).not.toBe('');
    }
  await trial.system.close();
});
