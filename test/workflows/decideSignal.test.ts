import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Role } from '../../contracts/words/roles';
import { ask, eventually } from '../api/testApi';
import { openTestBank, type TestBank } from '../support/bank';
import { type Desk, type Opened, openDesk } from '../support/desk';
import { replayFailures } from '../support/history';
import { expire, forge, mint, signalDecide } from '../support/tokens';
import { trailOf } from '../support/trail';

const LOST = 'I lost my card somewhere in town, what now?';
const APPROVE = { action: 'approve' };

let bank: TestBank;
let desk: Desk;
let opened: Opened;
let other: Opened;
let token: string;

beforeAll(async () => {
  bank = await openTestBank();
  desk = await openDesk(bank);
  [opened, other] = await Promise.all([desk.escalated(LOST), desk.escalated(LOST)]);
  token = await mint(bank, opened, { as: desk.ann, json: APPROVE });
});
afterAll(() => bank.close());

async function refusals(taskId: string) {
  return (await trailOf(bank, taskId)).filter(({ kind }) => kind === 'decision_refused');
}

/** A member and a key of theirs, and what an administrator does to both. */
async function person(roles: readonly Role[]) {
  const admin = await bank.key(['admin']);
  const member = (await ask(bank, 'POST /v1/members', { key: admin, json: { name: 'Dee', roles } })).body;
  const key = (
    await ask(bank, 'POST /v1/api-keys', { key: admin, json: { name: 'laptop', memberId: member.id as string } })
  ).body;
  const must = async (call: string, json?: object) => {
    const { status } = await ask(bank, call, { key: admin, ...(json && { json }) });
    if (status >= 300) throw new Error(`${call} was answered ${status}`);
  };
  return {
    key: key.key as string,
    demote: () => must(`PATCH /v1/members/${member.id}`, { roles: ['auditor'] }),
    deactivate: () => must(`DELETE /v1/members/${member.id}`),
    revoke: () => must(`DELETE /v1/api-keys/${key.id}`),
  };
}

/** A token of somebody who loses what it takes to decide before it arrives. */
const ofMember = (lose: 'demote' | 'deactivate' | 'revoke') => async () => {
  const dee = await person(['reviewer']);
  const minted = await mint(bank, opened, { as: dee.key, json: APPROVE });
  await dee[lose]();
  return minted;
};

async function ofRevokedService(): Promise<string> {
  const admin = await bank.key(['admin']);
  const json = { name: 'reviewing bot', scopes: ['reviews:decide'] };
  const allowed = await bank.key(['admin', 'reviews:decide']);
  const { body } = await ask(bank, 'POST /v1/api-keys', { key: allowed, json });
  const minted = await mint(bank, opened, { as: body.key, json: APPROVE });
  await ask(bank, `DELETE /v1/api-keys/${body.id}`, { key: admin });
  return minted;
}

const BAD: readonly (readonly [string, () => unknown, { readonly code: string; readonly why: string }])[] = [
  ['plain garbage', () => 'approve it, please', { code: 'token_invalid', why: 'malformed' }],
  ['something that is no text', () => ({ action: 'approve' }), { code: 'token_invalid', why: 'malformed' }],
  ['nothing', () => null, { code: 'token_invalid', why: 'malformed' }],
  ['a forged token', () => forge(token), { code: 'token_invalid', why: 'forged' }],
  ['a token that ran out', () => expire(bank, token), { code: 'token_invalid', why: 'expired' }],
  [
    'a token for another task',
    () => mint(bank, other, { as: desk.ann, json: APPROVE }),
    { code: 'token_invalid', why: 'other_task' },
  ],
  [
    'a token for another draft',
    () => mint(bank, { ...opened, digest: 'f'.repeat(64) }, { as: desk.ann, json: APPROVE }),
    { code: 'stale_digest', why: 'refused' },
  ],
  ['a token of a member who may no longer decide', ofMember('demote'), { code: 'role_required', why: 'refused' }],
  ['a token of a member who was deactivated', ofMember('deactivate'), { code: 'role_required', why: 'refused' }],
  ['a token that was minted by a revoked key', ofMember('revoke'), { code: 'role_required', why: 'refused' }],
  ["a token of a service's key that was revoked", ofRevokedService, { code: 'role_required', why: 'refused' }],
];

it.each(BAD)('%s decides nothing, is noted in the audit trail, and the task goes on', async (_, make, facts) => {
  const before = (await refusals(opened.taskId)).length;
  await signalDecide(bank, opened.taskId, await make());
  const noted = await eventually(
    () => refusals(opened.taskId),
    ({ length }) => length > before,
  );
  expect(noted.at(-1)?.facts).toEqual({ ...facts, surface: 'signal' });
  expect(await desk.task(opened.taskId)).toMatchObject({ status: 'waiting_for_review' });
});

it('a good token decides as its reviewer would over HTTP, once', async () => {
  await signalDecide(bank, opened.taskId, token);
  await signalDecide(bank, opened.taskId, token).catch(() => undefined); // The task may have ended already.
  expect(await desk.ended(opened.taskId)).toMatchObject({ outcome: 'approved', output: { intent: 'card_lost' } });
  const { rounds } = await desk.review(opened.reviewId);
  expect(rounds[0].decision).toMatchObject({ action: 'approve', surface: 'signal', digest: opened.digest });
  expect((await trailOf(bank, opened.taskId)).filter(({ kind }) => kind === 'decided')).toHaveLength(1);
});

it('the other task was not touched, and every history replays', async () => {
  expect(await desk.task(other.taskId)).toMatchObject({ status: 'waiting_for_review' });
  expect(await replayFailures(bank)).toEqual({});
});
