import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type PolicySnapshot, REVIEW_POLICY_BEFORE } from '../../contracts/words/policy';
import { acceptTask } from '../../store/acceptTask';
import { type DecisionAnswer, readDecisionAnswer, recordDecisionAnswer } from '../../store/decisions';
import { readEffects, recordEffect } from '../../store/effects';
import { readPolicy, savePolicy } from '../../store/policies';
import { ensureTenant, listTenants } from '../../store/tenants';
import { type DeliveryAttempt, readDeliveries, recordDeliveryAttempt, webhookSecret } from '../../store/webhooks';
import { AT, exampleTask, minutesLater } from './exampleTask';
import { openTestStore, type TestStore } from './testStore';

let test_: TestStore;
let taskId = '';
beforeAll(async () => {
  test_ = await openTestStore();
  const task = exampleTask(test_.keyring, 'records');
  taskId = task.taskId;
  await test_.store.inTenant('acme', (tx) => acceptTask(tx, test_.keyring, task));
});
afterAll(() => test_.close());

test('the first answer to a decision is kept, and everyone with its key gets it', async () => {
  const { store } = test_;
  const key = { reviewId: 'rev_1', keyHash: 'hash' };
  const answer = (status: number): DecisionAnswer => ({
    ...{ requestHash: `request-${status}`, status, at: AT, code: status === 200 ? null : 'already_decided' },
    details: status === 200 ? {} : { decidedBy: 'key_2', decidedAction: 'approve' },
  });
  expect(await store.inTenant('acme', (tx) => readDecisionAnswer(tx, key))).toBeNull();
  const kept = await Promise.all(
    [409, 200].map((status) => store.inTenant('acme', (tx) => recordDecisionAnswer(tx, key, answer(status)))),
  );
  expect(kept[1]).toEqual(kept[0]);
  expect(await store.inTenant('acme', (tx) => readDecisionAnswer(tx, key))).toEqual(kept[0]);
  expect(await store.inTenant('acme', (tx) => readDecisionAnswer(tx, { ...key, keyHash: 'other' }))).toBeNull();
});

test('the first record of an effect is kept', async () => {
  const { store } = test_;
  const key = { name: 'refund', idempotencyKey: `${taskId}/refund` };
  const effect = { ...key, argumentsDigest: 'digest', result: 'done', at: AT } as const;
  await store.inTenant('acme', (tx) => recordEffect(tx, taskId, effect));
  await store.inTenant('acme', (tx) =>
    recordEffect(tx, taskId, { ...effect, argumentsDigest: 'other', result: 'done_before', at: minutesLater(1) }),
  );
  expect(await store.inTenant('acme', (tx) => readEffects(tx, taskId))).toEqual([effect]);
});

test('a webhook is counted attempt by attempt, and what is delivered stays so', async () => {
  const { store } = test_;
  const attempt = (state: DeliveryAttempt['state'], status: number | null, minutes: number) =>
    store.inTenant('acme', (tx) =>
      recordDeliveryAttempt(tx, {
        taskId,
        event: 'task.completed',
        key: 'k',
        state,
        status,
        at: minutesLater(minutes),
      }),
    );
  expect(await attempt('pending', null, 0)).toMatchObject({ attempts: 1, lastStatus: null, endedAt: null });
  expect(await attempt('pending', 503, 1)).toMatchObject({ attempts: 2, lastStatus: 503, createdAt: AT });
  await attempt('delivered', 204, 2);
  await attempt('parked', 500, 3);
  expect(await store.inTenant('acme', (tx) => readDeliveries(tx, taskId))).toEqual([
    {
      ...{ taskId, event: 'task.completed', key: 'k', attempts: 4, lastStatus: 204, state: 'delivered' },
      ...{ createdAt: AT, lastAttemptAt: minutesLater(3), endedAt: minutesLater(2) },
    },
  ]);
});

test('a tenant has one webhook secret, however many ask for it first', async () => {
  const { store, keyring } = test_;
  const secrets = await Promise.all(
    Array.from({ length: 10 }, () => store.inTenant('acme', (tx) => webhookSecret(tx, keyring, AT))),
  );
  expect(new Set(secrets.map((secret) => Buffer.from(secret).toString('hex'))).size).toBe(1);
  expect(secrets[0]).toHaveLength(32);
});

test('a policy is kept once under its version, with or without a fallback', async () => {
  const { store } = test_;
  const snapshot: PolicySnapshot = {
    ...{
      type: 'bank-support',
      typeVersion: 1,
      version: 'p1',
      integrations: [],
      routes: [],
      effects: [],
      emptyDigest: 'd',
    },
    autonomy: { grants: [], never: [] },
    review: {
      queue: 'support',
      ladder: [],
      onTimeout: { kind: 'keep_waiting' },
      leaseSeconds: 900,
      maxRounds: 3,
      humanMicroUsdPerHour: 0,
      ...REVIEW_POLICY_BEFORE,
    },
  };
  const fallback = { reply: 'We will call you.' };
  await store.asSystem((tx) => savePolicy(tx, { snapshot, fallback }));
  await store.inTenant('acme', (tx) => savePolicy(tx, { snapshot: { ...snapshot, typeVersion: 2 }, fallback: null }));
  await store.inTenant('acme', (tx) => savePolicy(tx, { snapshot: { ...snapshot, version: 'p2' }, fallback: null }));
  expect(await store.inTenant('acme', (tx) => readPolicy(tx, 'p1'))).toEqual({ snapshot, fallback });
  expect(await store.asSystem((tx) => readPolicy(tx, 'p2'))).toMatchObject({ fallback: null });
  expect(await store.asSystem((tx) => readPolicy(tx, 'p3'))).toBeNull();
});

test('tenants are made once and listed', async () => {
  const { store } = test_;
  const globex = { id: 'globex', name: 'Globex', createdAt: AT };
  await store.asSystem((tx) => ensureTenant(tx, globex));
  await store.asSystem((tx) => ensureTenant(tx, { ...globex, name: 'Renamed' }));
  const tenants = await store.asSystem((tx) => listTenants(tx));
  expect(tenants.map(({ id, name }) => [id, name])).toEqual([
    ['acme', 'Acme'],
    ['globex', 'Globex'],
  ]);
  await expect(store.asSystem((tx) => ensureTenant(tx, { ...globex, id: 'Not A Tenant' }))).rejects.toThrow(
    'check constraint',
  );
});
