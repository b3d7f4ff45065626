import type { TenantTx } from './store';

/** How the tasks of one type have ended so far. */
export interface Standing {
  readonly tasks: number;
  /** Of those, the ones that a person decided on. */
  readonly reviewed: number;
  /** By outcome; outcomes that never happened are left out. */
  readonly outcomes: Readonly<Record<string, number>>;
}

const DECIDED_BY_PEOPLE: ReadonlySet<string> = new Set(['approved', 'corrected', 'declined']);

export async function readStanding(tx: TenantTx, type: string): Promise<Standing> {
  const rows = await tx.db
    .selectFrom('tasks')
    .select(({ fn }) => ['outcome', fn.countAll<string>().as('count')])
    .where('tenant', '=', tx.tenant)
    .where('type', '=', type)
    .where('isGold', '=', false)
    .groupBy('outcome')
    .execute();
  const counted = rows.map(({ outcome, count }) => ({ outcome, count: Number(count) }));
  const sum = (some: typeof counted) => some.reduce((total, { count }) => total + count, 0);
  const ended = counted.flatMap(({ outcome, count }) => (outcome === null ? [] : [[outcome, count] as const]));
  return {
    tasks: sum(counted),
    reviewed: sum(counted.filter(({ outcome }) => outcome !== null && DECIDED_BY_PEOPLE.has(outcome))),
    outcomes: Object.fromEntries(ended),
  };
}
