import type { FakeRequest } from '../../fakes/bankSystem';
import type { Interaction } from '../../tasks/bank-support/contracts';

/** What the outside was asked to do, and what it did: once for each key, so that only the calls show what was asked for twice. */
export interface Outside {
  readonly requests: readonly FakeRequest[];
  readonly interactions: readonly Interaction[];
}

/** A task that was raced for, and who won; null where that is not known. */
export interface Raced {
  readonly taskId: string;
  readonly winner: 'approve' | 'decline' | null;
}

export interface Recount {
  /** Of each task that has any. */
  readonly faults: ReadonlyMap<string, readonly string[]>;
  /** The same call under the same key once more, as after a kill between a call and its record. */
  readonly repeatedCalls: number;
  /** Under a key of no task that was raced for, or under none. */
  readonly otherCalls: number;
}

interface Calls {
  count: number;
  readonly keys: Set<string>;
  /** With the path, which names the customer. */
  readonly bodies: Set<string>;
}

/** Counts everything once more when all is over: what was done twice may have been done after its task had ended. */
export function recountEffects({ requests, interactions }: Outside, races: readonly Raced[]): Recount {
  const calls = new Map(races.map(({ taskId }): [string, Calls] => [taskId, noCalls()]));
  const others = noCalls();
  for (const { method, path, idempotencyKey, body } of requests) {
    if (method !== 'POST') continue;
    const those = calls.get(taskOf(idempotencyKey)) ?? others;
    those.count += 1;
    those.keys.add(String(idempotencyKey));
    those.bodies.add(`${path} ${body}`);
  }
  const effects = new Map<string, number>();
  for (const { idempotencyKey } of interactions) {
    const taskId = taskOf(idempotencyKey);
    effects.set(taskId, (effects.get(taskId) ?? 0) + 1);
  }
  const faults = new Map<string, readonly string[]>();
  let repeatedCalls = 0;
  for (const race of races) {
    const asked = calls.get(race.taskId) ?? noCalls();
    repeatedCalls += Math.max(0, asked.count - 1);
    const found = faultsOf(race, { asked, effects: effects.get(race.taskId) ?? 0 });
    if (found.length > 0) faults.set(race.taskId, found);
  }
  return { faults, repeatedCalls, otherCalls: others.count };
}

function noCalls(): Calls {
  return { count: 0, keys: new Set(), bodies: new Set() };
}

/** A key is `task:effect`. */
function taskOf(idempotencyKey: string | null): string {
  return idempotencyKey?.split(':', 1)[0] ?? '';
}

function faultsOf(
  { taskId, winner }: Raced,
  { asked, effects }: { readonly asked: Calls; readonly effects: number },
): readonly string[] {
  const due = winner === 'approve' ? 1 : 0;
  const { count, keys, bodies } = asked;
  const faults = [
    ...(winner !== null && effects !== due ? [`${effects} effects in the end where ${due} is due`] : []),
    ...(winner === 'decline' && count > 0 ? [`${count} calls for what was declined`] : []),
    ...(keys.size > 1 ? [`calls under ${keys.size} keys: ${[...keys].join(', ')}`] : []),
    ...(bodies.size > 1 ? [`calls with ${bodies.size} different bodies`] : []),
  ];
  return faults.map((fault) => `${taskId}: ${fault}`);
}
