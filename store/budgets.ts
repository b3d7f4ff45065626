import { sql } from 'kysely';
import type { SpendingLimit } from '../contracts/words/policy';
import type { BudgetReached } from '../contracts/words/steps';
import type { TenantTx } from './store';

/** What is counted together, by a name of the caller's choice, and how much of it there may be. */
export interface BudgetAccount {
  readonly name: string;
  readonly limit: SpendingLimit;
}

export interface CallReservation {
  /** Of one attempt at one call. */
  readonly id: string;
  readonly taskId: string;
  readonly accounts: readonly BudgetAccount[];
  /** The most that the call can cost. */
  readonly upperBoundMicroUsd: number;
  readonly at: string;
}

/** A limit that a call would have broken, by the account that it is of. */
export type LimitReached = Omit<BudgetReached, 'per'> & { readonly account: string };

interface Spent {
  readonly microUsd: number;
  readonly calls: number;
}

const NOTHING: Spent = { microUsd: 0, calls: 0 };

/**
 * Reserves a call on all of its accounts, or on none. Gives the limit that stands against it, null where it may be made. What is never
 * settled stays spent at its upper bound: the provider may have billed it.
 */
export async function reserveCall(tx: TenantTx, reservation: CallReservation): Promise<LimitReached | null> {
  const names = reservation.accounts.map(({ name }) => name);
  const spent = await lockAccounts(tx, names);
  for (const account of reservation.accounts) {
    const reached = limitReached(account, spent.get(account.name) ?? NOTHING, reservation.upperBoundMicroUsd);
    if (reached) return reached;
  }
  const { id, taskId, upperBoundMicroUsd, at } = reservation;
  await tx.db
    .insertInto('budgetReservations')
    .values({ tenant: tx.tenant, id, taskId, accounts: names, upperBoundMicroUsd, reservedAt: at })
    .execute();
  await addTo(tx, names, { microUsd: upperBoundMicroUsd, calls: 1 });
  return null;
}

/** Puts what the call did cost in place of what it could have. The first settlement of a reservation counts. */
export async function settleCall(
  tx: TenantTx,
  { id, costMicroUsd, at }: { readonly id: string; readonly costMicroUsd: number; readonly at: string },
): Promise<void> {
  const settled = await tx.db
    .updateTable('budgetReservations')
    .set({ costMicroUsd, settledAt: at })
    .where('tenant', '=', tx.tenant)
    .where('id', '=', id)
    .where('settledAt', 'is', null)
    .returning(['accounts', 'upperBoundMicroUsd'])
    .executeTakeFirst();
  if (!settled) return;
  await lockAccounts(tx, settled.accounts);
  await addTo(tx, settled.accounts, { microUsd: costMicroUsd - settled.upperBoundMicroUsd, calls: 0 });
}

/** Whoever takes several takes them in the order of their names, so that nobody waits for somebody who waits for them. */
async function lockAccounts(tx: TenantTx, names: readonly string[]): Promise<ReadonlyMap<string, Spent>> {
  const sorted = [...names].sort();
  await tx.db
    .insertInto('budgetAccounts')
    .values(sorted.map((name) => ({ tenant: tx.tenant, name })))
    .onConflict((conflict) => conflict.columns(['tenant', 'name']).doNothing())
    .execute();
  const rows = await tx.db
    .selectFrom('budgetAccounts')
    .select(['name', 'microUsd', 'calls'])
    .where('tenant', '=', tx.tenant)
    .where('name', 'in', sorted)
    .orderBy(sql`name collate "C"`)
    .forUpdate()
    .execute();
  return new Map(rows.map((row) => [row.name, row]));
}

async function addTo(tx: TenantTx, names: readonly string[], { microUsd, calls }: Spent): Promise<void> {
  await tx.db
    .updateTable('budgetAccounts')
    .set((row) => ({ microUsd: row('microUsd', '+', microUsd), calls: row('calls', '+', calls) }))
    .where('tenant', '=', tx.tenant)
    .where('name', 'in', names)
    .execute();
}

function limitReached(
  { name: account, limit }: BudgetAccount,
  { microUsd, calls }: Spent,
  asked: number,
): LimitReached | null {
  if (limit.microUsd !== null && microUsd + asked > limit.microUsd)
    return { account, counted: 'micro_usd', limit: limit.microUsd, spent: microUsd, asked };
  if (limit.calls !== null && calls >= limit.calls)
    return { account, counted: 'calls', limit: limit.calls, spent: calls, asked: 1 };
  return null;
}
