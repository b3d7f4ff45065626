import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { acceptTask } from '../../store/acceptTask';
import { type BudgetAccount, type LimitReached, reserveCall, settleCall } from '../../store/budgets';
import { AT, exampleTask, minutesLater } from './exampleTask';
import { openTestStore, type TestStore } from './testStore';

const NO_LIMIT = { microUsd: null, calls: null };

describe('a budget', () => {
  let test_: TestStore;
  let taskId = '';
  let count = 0;

  beforeAll(async () => {
    test_ = await openTestStore();
    const task = exampleTask(test_.keyring, 'budgets');
    taskId = task.taskId;
    await test_.store.inTenant('acme', (tx) => acceptTask(tx, test_.keyring, task));
  });
  afterAll(() => test_.close());

  const reserve = async (
    accounts: readonly BudgetAccount[],
    upperBoundMicroUsd: number,
  ): Promise<{ id: string; reached: LimitReached | null }> => {
    count += 1;
    const id = `call-${count}`;
    const reservation = { id, taskId, accounts, upperBoundMicroUsd, at: AT };
    return { id, reached: await test_.store.inTenant('acme', (tx) => reserveCall(tx, reservation)) };
  };
  const settle = (id: string, costMicroUsd: number) =>
    test_.store.inTenant('acme', (tx) => settleCall(tx, { id, costMicroUsd, at: minutesLater(1) }));
  const capped = (name: string, microUsd: number) => ({ name, limit: { ...NO_LIMIT, microUsd } });

  it('is never gone over by calls that are reserved at once', async () => {
    const account = capped('at once', 1_000);
    const answers = await Promise.all(Array.from({ length: 40 }, () => reserve([account], 90)));
    expect(answers.filter(({ reached }) => reached === null)).toHaveLength(11);
    expect(answers.at(-1)?.reached).toEqual({
      account: 'at once',
      counted: 'micro_usd',
      limit: 1_000,
      spent: 990,
      asked: 90,
    });
  });

  it('may be used up to its last micro-dollar', async () => {
    const account = capped('whole', 100);
    expect((await reserve([account], 100)).reached).toBeNull();
    expect((await reserve([account], 1)).reached).toMatchObject({ spent: 100 });
  });

  it('gets back what a call did not cost, once', async () => {
    const account = capped('settled', 100);
    const { id } = await reserve([account], 100);
    await settle(id, 30);
    await settle(id, 0);
    expect((await reserve([account], 71)).reached).toMatchObject({ spent: 30 });
    expect((await reserve([account], 70)).reached).toBeNull();
  });

  it('keeps what a call may have cost that nobody heard of again', async () => {
    const account = capped('unheard', 100);
    await reserve([account], 60);
    expect((await reserve([account], 41)).reached).toMatchObject({ spent: 60 });
  });

  it('counts what a call did cost, also where that is more than was thought', async () => {
    const account = capped('dearer', 100);
    const { id } = await reserve([account], 50);
    await settle(id, 120);
    expect((await reserve([account], 0)).reached).toMatchObject({ spent: 120 });
  });

  it('is counted in calls, too, and a call that cost nothing was one', async () => {
    const account = { name: 'calls', limit: { ...NO_LIMIT, calls: 1 } };
    const { id } = await reserve([account], 50);
    await settle(id, 0);
    expect((await reserve([account], 0)).reached).toMatchObject({ counted: 'calls', limit: 1, spent: 1, asked: 1 });
  });

  it('that refuses leaves the others as they were', async () => {
    const [wide, narrow] = [capped('wide', 100), capped('narrow', 10)];
    expect((await reserve([wide, narrow], 50)).reached).toMatchObject({ account: 'narrow' });
    expect((await reserve([wide], 100)).reached).toBeNull();
  });

  it('that is set later counts what was spent before', async () => {
    await reserve([{ name: 'later', limit: NO_LIMIT }], 80);
    expect((await reserve([capped('later', 100)], 21)).reached).toMatchObject({ spent: 80 });
  });

  it('of several accounts is taken in one order, so that nobody waits for ever', async () => {
    const accounts = [capped('x', 1_000_000), capped('y', 1_000_000)];
    const both = Array.from({ length: 30 }, (_, index) => reserve(index % 2 ? accounts : [...accounts].reverse(), 1));
    for (const { id, reached } of await Promise.all(both)) {
      expect(reached).toBeNull();
      await settle(id, 1);
    }
  });

  it('of another tenant is another', async () => {
    const account = capped('of a tenant', 100);
    await reserve([account], 100);
    const reservation = { id: 'theirs', taskId, accounts: [account], upperBoundMicroUsd: 1, at: AT };
    // Their task is unknown there; the limit is looked at first, and would have refused.
    await expect(test_.store.inTenant('globex', (tx) => reserveCall(tx, reservation))).rejects.toThrow(/foreign key/);
  });
});
