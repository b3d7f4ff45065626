import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type FakeBank, startFakeBank } from '../../fakes/bank';
import { startFakeSystems } from '../../fakes/bankServer';
import { type FakeCrm, startFakeCrm } from '../../fakes/crm';
import type { FakeServer } from '../../fakes/bankSystem';
import { coreBank, crm as crmIntegration } from '../../tasks/bank-support/integrations';
import { logInteraction } from '../../tasks/bank-support/logInteraction';
import { HttpStatusError } from '../../tasks/define';

const input = { message: 'hello', customerId: 'cus_1001' };
const request = {
  name: 'log_interaction',
  arguments: { customerId: 'cus_1001', channel: 'message', intent: 'fees', reply: 'Hello' },
};

let bank: FakeBank;
let crm: FakeCrm;
beforeEach(async () => {
  [bank, crm] = await Promise.all([startFakeBank(), startFakeCrm()]);
});
afterEach(async () => {
  await Promise.all([bank.close(), crm.close()]);
});

function environment(timeoutMs = 5_000) {
  return { baseUrls: { 'core-bank': bank.url, crm: `${crm.url}/` }, signal: AbortSignal.timeout(timeoutMs) };
}

describe('the integrations of bank-support', () => {
  test('give what their contracts say, and the same each time', async () => {
    const facts = await coreBank.fetch(input, environment());
    expect(coreBank.contract.parse(facts)).toEqual(facts);
    expect(await coreBank.fetch(input, environment())).toEqual(facts);
    expect(crmIntegration.contract.parse(await crmIntegration.fetch(input, environment()))).toMatchObject({
      firstName: 'Mara',
    });
  });

  test('tell a customer whom nobody knows by the status', async () => {
    const unknown = { ...input, customerId: 'cus_9999' };
    await expect(coreBank.fetch(unknown, environment())).rejects.toMatchObject({ status: 404 });
    await expect(crmIntegration.fetch(unknown, environment())).rejects.toMatchObject({ status: 404 });
  });

  test('tell that a system is down, with its Retry-After, and find it well again', async () => {
    crm.behave({ kind: 'down' }, 1);
    const error: unknown = await crmIntegration.fetch(input, environment()).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(HttpStatusError);
    expect(error).toMatchObject({ status: 503, retryAfterSeconds: 1 });
    await expect(crmIntegration.fetch(input, environment())).resolves.toMatchObject({ id: 'cus_1001' });
  });

  test('stop waiting for a slow system when they are told to', async () => {
    bank.behave({ kind: 'slow', ms: 60_000 });
    await expect(coreBank.fetch(input, environment(200))).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  test('fail where the connection breaks', async () => {
    bank.behave({ kind: 'reset' });
    await expect(coreBank.fetch(input, environment())).rejects.toMatchObject({ name: 'TypeError' });
  });

  test('hand on an answer that breaks the contract, and the contract refuses it', async () => {
    crm.behave({ kind: 'breaks_contract' });
    bank.behave({ kind: 'breaks_contract' });
    expect(crmIntegration.contract.safeParse(await crmIntegration.fetch(input, environment())).success).toBe(false);
    expect(coreBank.contract.safeParse(await coreBank.fetch(input, environment())).success).toBe(false);
  });

  test('fail where the answer is no JSON', async () => {
    crm.behave({ kind: 'not_json' });
    await expect(crmIntegration.fetch(input, environment())).rejects.toMatchObject({ name: 'SyntaxError' });
  });

  test('name the address that is not configured', async () => {
    const nowhere = { baseUrls: {}, signal: AbortSignal.timeout(1_000) };
    await expect(coreBank.fetch(input, nowhere)).rejects.toThrow(
      /no address is configured for the integration 'core-bank'/,
    );
  });
});

describe('the effect log_interaction', () => {
  const perform = (key: string) => logInteraction.perform(request, { ...environment(), idempotencyKey: key });

  test('is done once for each key', async () => {
    expect(await perform('tsk_1:log_interaction')).toBe('done');
    expect(await perform('tsk_1:log_interaction')).toBe('done_before');
    expect(await perform('tsk_2:log_interaction')).toBe('done');
    expect(crm.interactions.map(({ idempotencyKey }) => idempotencyKey)).toEqual([
      'tsk_1:log_interaction',
      'tsk_2:log_interaction',
    ]);
  });

  test('is done once when the same key comes many times at once', async () => {
    const results = await Promise.all(Array.from({ length: 20 }, () => perform('tsk_3:log_interaction')));
    expect(results.filter((result) => result === 'done')).toHaveLength(1);
    expect(crm.interactions).toHaveLength(1);
  });

  test('does nothing where the CRM is down, and says so', async () => {
    crm.behave({ kind: 'down' }, 1);
    await expect(perform('tsk_4:log_interaction')).rejects.toMatchObject({ status: 503 });
    expect(crm.interactions).toEqual([]);
    expect(await perform('tsk_4:log_interaction')).toBe('done');
  });

  test('is refused for another body under the same key', async () => {
    await perform('tsk_5:log_interaction');
    const other = { ...request, arguments: { ...request.arguments, reply: 'Bye' } };
    await expect(
      logInteraction.perform(other, { ...environment(), idempotencyKey: 'tsk_5:log_interaction' }),
    ).rejects.toMatchObject({ status: 409 });
  });

  test('takes an answer that is no interaction for a failure', async () => {
    crm.behave({ kind: 'breaks_contract' });
    await expect(perform('tsk_6:log_interaction')).rejects.toThrow();
  });
});

test.each([
  ['POST', '/customers/cus_1001/interactions', '{}', 400],
  ['POST', '/customers/cus_1001/interactions', '{not json', 422],
  ['POST', '/customers/cus_9999/interactions', '{}', 404],
  ['DELETE', '/customers/cus_1001', '', 404],
])('the CRM answers %s %s with the body "%s" by %i', async (method, path, body, status) => {
  const headers: Record<string, string> = status === 400 ? {} : { 'idempotency-key': 'k' };
  const response = await fetch(`${crm.url}${path}`, { method, headers, ...(body && { body }) });
  expect(response.status).toBe(status);
});

describe('both systems at one address', () => {
  let both: FakeServer;
  beforeEach(async () => {
    both = await startFakeSystems();
  });
  afterEach(() => both.close());

  test.each(['', '/bank'])('the bank is reached below "%s"', async (prefix) => {
    const there = { baseUrls: { 'core-bank': `${both.url}${prefix}` }, signal: AbortSignal.timeout(5_000) };
    expect(coreBank.contract.safeParse(await coreBank.fetch(input, there)).success).toBe(true);
  });

  test.each(['', '/crm'])('the CRM is reached below "%s"', async (prefix) => {
    const there = { baseUrls: { crm: `${both.url}${prefix}` }, signal: AbortSignal.timeout(5_000) };
    expect(crmIntegration.contract.safeParse(await crmIntegration.fetch(input, there)).success).toBe(true);
    expect(await logInteraction.perform(request, { ...there, idempotencyKey: 'k' })).toBe('done');
    const seen = (await (await fetch(`${both.url}${prefix}/interactions`)).json()) as { interactions: unknown[] };
    expect(seen.interactions).toHaveLength(1);
  });

  test('misbehaves as it is told over HTTP, one system at a time', async () => {
    const behave = (body: unknown) => fetch(`${both.url}/_fake/behave`, { method: 'POST', body: JSON.stringify(body) });
    expect((await behave({ system: 'crm', kind: 'down', times: 1 })).status).toBe(200);
    const status = async (path: string) => (await fetch(`${both.url}${path}`)).status;
    expect(await status('/bank/customers/cus_1001/cards')).toBe(200);
    expect(await status('/crm/customers/cus_1001')).toBe(503);
    expect(await status('/crm/customers/cus_1001')).toBe(200);
    expect((await behave({ system: 'crm', kind: 'explode' })).status).toBe(422);
    expect((await behave('nothing')).status).toBe(422);
  });
});

test('the process says where it listens, and ends when its standard input closes', async () => {
  const child = spawn(process.execPath, ['--import', 'tsx', 'fakes/main.ts'], {
    cwd: join(__dirname, '..', '..'),
    env: { ...process.env, FAKES_PORT: '0', FAKES_EXIT_WITH_PARENT: '1' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
  const url = /^fakes listening on (http:\/\/127\.0\.0\.1:\d+)\n/.exec(chunk.toString())?.[1];
  expect((await fetch(`${url}/crm/customers/cus_1012`)).status).toBe(200);
  const ended = once(child, 'exit');
  child.stdin.end();
  expect(await ended).toEqual([0, null]);
});
