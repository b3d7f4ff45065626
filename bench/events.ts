/**
 * How many events a task costs in its history: one that is answered alone, and one that is escalated, claimed, approved and called back
 * about, with an effect. Run by `npm run bench:events`, on a Temporal of its own.
 */
import { Processes } from '../scripts/setup/Processes.mjs';
import { openStage } from '../test/replay/stages';
import { take, type Way, WAYS } from '../test/replay/ways';
import { historyOf } from '../test/support/history';
import { startTemporal } from '../test/support/temporal';
import { report } from './report';

/** Of each way; the most is told. */
const RUNS = 5;

async function main(): Promise<void> {
  const processes = new Processes();
  try {
    await startTemporal(processes, console.error);
    const automatic = await mostEvents(WAYS['answered']);
    const escalated = await mostEvents(WAYS['claimedAndCalledBack']);
    const aims = { automatic: { seen: automatic, atMost: 40 }, escalated: { seen: escalated, atMost: 70 } };
    report('events', { automatic, escalated }, aims);
  } finally {
    await processes.stopAll();
  }
}

async function mostEvents(way: Way | undefined): Promise<number> {
  if (!way) throw new RangeError('there is no such way');
  const stage = await openStage(way.on);
  try {
    let most = 0;
    for (let run = 0; run < RUNS; run += 1) {
      const { events } = await historyOf(stage.bank, await take(way, stage));
      most = Math.max(most, events?.length ?? 0);
    }
    return most;
  } finally {
    await stage.close();
  }
}

void main();
