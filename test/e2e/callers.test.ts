import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ask } from '../api/testApi';
import { openTestBank, type TestBank } from '../support/bank';
import { CUSTOMER, type Desk, openDesk } from '../support/desk';
import { unsampledKey } from '../support/unsampledKey';

const CALLERS = 100;

let bank: TestBank;
let desk: Desk;

beforeAll(async () => {
  bank = await openTestBank({ grants: [{ class: 'exchange_rate', threshold: 0.5, auditRate: 0.01 }] });
  desk = await openDesk(bank);
});
afterAll(() => bank.close());

it('a hundred callers at once are each answered in one call', async () => {
  const answers = await Promise.all(
    Array.from({ length: CALLERS }, () => {
      const input = { message: 'What is your exchange rate for euros today?', customerId: CUSTOMER };
      const headers = { 'idempotency-key': unsampledKey(bank) };
      return ask(bank, 'POST /v1/tasks?waitSeconds=30', {
        key: desk.caller,
        json: { type: 'bank-support', input },
        headers,
      });
    }),
  );
  const seen = answers.map(({ status, body }) => `${status} ${body.outcome}`);
  expect(seen).toEqual(Array.from({ length: CALLERS }, () => '200 answered'));
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(CALLERS);
  const effects = bank.crm.interactions.map(({ idempotencyKey }) => idempotencyKey);
  expect(new Set(effects).size).toBe(CALLERS);
});
