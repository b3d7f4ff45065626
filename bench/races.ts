/**
 * Two people decide on each task at once, one for it and one against, while APIs, workers and the store are killed at random every few
 * seconds. When all is over, what the outside was asked is counted once more. `--rounds 10000 --at-once 24`. RACES_LOG: a file for
 * what the product logs.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { atOnce } from './atOnce';
import { recountEffects } from './races/effects';
import { Fleet, type Victim } from './races/fleet';
import { type Race, Racing } from './races/race';
import { type Aim, report } from './report';

/** In turns of a random order, so that each is killed as often as the others; a store takes everybody with it for a second. */
const VICTIMS: readonly Victim[] = ['api', 'worker', 'store'];
const FIRST_KILL_MS = 2_000;
const KILL_EVERY_MS = { min: 3_000, max: 9_000 } as const;
/** The first turn goes fast, so that a run of so many rounds has killed each. */
const ROUNDS_WITH_KILLS = 300;
/** An attempt to deliver that was given up, after 15 s without a heartbeat, may still be on its way. */
const SETTLING_MS = 20_000;
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
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    await pause(SETTLING_MS);
    tell(races, { fleet, rounds, seconds });
  } finally {
    await fleet.close();
  }
}

function killAtRandom(fleet: Fleet): { stop(): Promise<void> } {
  let isOver = false;
  const loop = async () => {
    await pause(FIRST_KILL_MS);
    for (let turn = 0; !isOver; turn += 1)
      for (const victim of inRandomOrder(VICTIMS)) {
        if (isOver) return;
        await fleet.kill(victim);
        await pause(KILL_EVERY_MS.min + (turn === 0 ? 0 : Math.random() * (KILL_EVERY_MS.max - KILL_EVERY_MS.min)));
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

function inRandomOrder(victims: readonly Victim[]): readonly Victim[] {
  return victims
    .map((victim) => ({ victim, at: Math.random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ victim }) => victim);
}

function tell(
  races: readonly Race[],
  { fleet, rounds, seconds }: { fleet: Fleet; rounds: number; seconds: number },
): void {
  const accepted = races.flatMap(({ taskId, winner }) => (taskId === null ? [] : [{ taskId, winner }]));
  const { faults: later, repeatedCalls, otherCalls } = recountEffects(fleet.crm, accepted);
  const faultsOf = ({ taskId, faults }: Race) => [...faults, ...(later.get(taskId ?? '') ?? [])];
  const faulty = races.map(faultsOf).filter((faults) => faults.length > 0);
  for (const faults of faulty.slice(0, 20)) console.error(`fault: ${faults.join('; ')}`);
  const figures = {
    ...{ rounds, seconds, killed: fleet.killed },
    approved: races.filter(({ winner }) => winner === 'approve').length,
    declined: races.filter(({ winner }) => winner === 'decline').length,
    ...{ repeatedCalls, otherCalls },
    internalErrors: races.reduce((sum, race) => sum + race.internalErrors, 0),
    right: races.length - faulty.length,
  };
  report('races', figures, {
    right: { seen: figures.right, atLeast: rounds },
    otherCalls: { seen: otherCalls, atMost: 0 },
    internalErrors: { seen: figures.internalErrors, atMost: 0 },
    ...(rounds >= ROUNDS_WITH_KILLS && killAims(fleet)),
  });
}

/** What held while nothing was killed says little. */
function killAims({ killed }: Fleet): Record<string, Aim> {
  return Object.fromEntries(VICTIMS.map((victim) => [`killed.${victim}`, { seen: killed[victim], atLeast: 1 }]));
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
