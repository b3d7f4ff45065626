/**
 * Two people decide on each task at once, one for it and one against, while APIs, workers and the store are killed at random every few
 * seconds. `--rounds 10000 --at-once 24`. RACES_LOG: a file for what the product logs.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { atOnce } from './atOnce';
import { Fleet, type Victim } from './races/fleet';
import { type Race, Racing } from './races/race';
import { report } from './report';

/** Each as often as the others; a store takes everybody with it for a second. */
const VICTIMS: readonly Victim[] = ['api', 'worker', 'store'];
const FIRST_KILL_MS = 2_000;
const KILL_EVERY_MS = { min: 3_000, max: 9_000 } as const;
const TELL_EVERY = 500;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { rounds: { type: 'string', default: '300' }, 'at-once': { type: 'string', default: '24' } },
  });
  const [rounds, limit] = [Number(values.rounds), Number(values['at-once'])];
  const startedAt = performance.now();
  const fleet = await Fleet.open({ apis: 2, workers: 2 });
  try {
    const people = {
      caller: await fleet.key(['tasks:write', 'tasks:read'], 'caller'),
      approver: await fleet.key(['reviews:read', 'reviews:decide'], 'approver'),
      decliner: await fleet.key(['reviews:read', 'reviews:decide'], 'decliner'),
    };
    const killing = killAtRandom(fleet);
    const races: Race[] = [];
    await atOnce(rounds, limit, async (index) => {
      races.push(await new Racing(fleet, people, `race ${index}`).run());
      if (races.length % TELL_EVERY === 0) console.error(`${races.length} of ${rounds} are over`);
    });
    await killing.stop();
    tell(races, { fleet, rounds, seconds: Math.round((performance.now() - startedAt) / 1000) });
  } finally {
    await fleet.close();
  }
}

function killAtRandom(fleet: Fleet): { stop(): Promise<void> } {
  let isOver = false;
  const loop = async () => {
    await pause(FIRST_KILL_MS);
    while (!isOver) {
      await fleet.kill(VICTIMS[Math.floor(Math.random() * VICTIMS.length)] ?? 'worker');
      await pause(KILL_EVERY_MS.min + Math.random() * (KILL_EVERY_MS.max - KILL_EVERY_MS.min));
    }
  };
  const running = loop();
  return {
    stop: async () => {
      isOver = true;
      await running;
    },
  };
}

function tell(
  races: readonly Race[],
  { fleet, rounds, seconds }: { fleet: Fleet; rounds: number; seconds: number },
): void {
  const faulty = races.filter(({ faults }) => faults.length > 0);
  for (const { faults } of faulty.slice(0, 20)) console.error(`fault: ${faults.join('; ')}`);
  const figures = {
    ...{ rounds, seconds, killed: fleet.killed },
    approved: races.filter(({ winner }) => winner === 'approve').length,
    declined: races.filter(({ winner }) => winner === 'decline').length,
    internalErrors: races.reduce((sum, race) => sum + race.internalErrors, 0),
    right: races.length - faulty.length,
  };
  report('races', figures, {
    right: { seen: figures.right, atLeast: rounds },
    internalErrors: { seen: figures.internalErrors, atMost: 0 },
  });
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
