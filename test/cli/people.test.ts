import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ask, eventually } from '../api/testApi';
import { openOffice, PAIRED } from './office';
import type { Office, Waiting } from './office';
import { removeFolder, runCli } from './runCli';

let office: Office;
/** Of a reviewer who is no approver, and of one who is. */
let reviewer: string;
let approver: string;

beforeAll(async () => {
  office = await openOffice();
  reviewer = await office.api.key(['reviews:read', 'reviews:decide', 'tasks:read']);
  approver = await office.api.key(['reviews:read', 'reviews:decide', 'reviews:approve', 'tasks:read']);
});
afterAll(async () => {
  await office.api.close();
  removeFolder();
});

const cli = (args: readonly string[], key?: string) =>
  runCli(args, { env: { ...office.env, ...(key !== undefined && { COUNTERSIGN_API_KEY: key }) } });
const review = ({ reviewId }: Waiting) => office.read(`/v1/reviews/${reviewId}`);

describe('a type that is decided by whoever holds the review, with two pairs of eyes', () => {
  it('is claimed for the decision; the first approval says how many are missing, the last one until when it can be undone', async () => {
    const waiting = await office.waiting('Is it open?', PAIRED);
    const { reviewId, taskId } = waiting;
    const first = await cli(['inbox', 'approve', reviewId, '--yes'], reviewer);
    expect([first.code, first.stdout]).toEqual([
      0,
      expect.stringMatching(/Approved\. 1 person more must approve\. The task/),
    ]);
    expect((await review(waiting)).claimedBy).toBeNull();

    const shown = (await cli(['inbox', 'show', reviewId])).stdout;
    expect(shown).toMatch(
      /Who has to approve\n {2}2 people, of these 1 with the role approver\n {2}approved by test, .* UTC\n {2}1 person still missing/,
    );
    expect(shown).toContain('it is put before more people');
    expect((await cli(['inbox', 'list'])).stdout).toMatch(
      new RegExp(`^${reviewId} +Reply to a note \\(1 of 2 approved\\)`, 'm'),
    );

    const last = await cli(['inbox', 'approve', reviewId, '--yes'], approver);
    expect(last.stdout).toContain(`npx countersign inbox undo ${reviewId}`);
    expect((await cli(['inbox', 'show', reviewId])).stdout).toMatch(/Until .* UTC test or a lead can take it back/);
    const undone = await cli(['inbox', 'undo', taskId], approver);
    expect([undone.code, undone.stdout]).toEqual([
      0,
      expect.stringMatching(/^Taken back: approve\. The task tsk_\S+ is waiting for review\.$/m),
    ]);
    expect((await cli(['inbox', 'show', reviewId])).stdout).toMatch(
      /round 1: approve by test, .*; taken back by test, /,
    );
  });

  it('tells whoever approves twice, and gives the review back that was claimed for it', async () => {
    const waiting = await office.waiting('Is it open?', PAIRED);
    await cli(['inbox', 'approve', waiting.reviewId, '--yes'], reviewer);
    const again = await cli(['inbox', 'approve', waiting.reviewId, '--yes'], reviewer);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('yours is counted')]);
    expect((await review(waiting)).claimedBy).toBeNull();
  });

  it('tells who holds it', async () => {
    const { reviewId } = await office.waiting('Is it open?', PAIRED);
    await ask(office.api, `POST /v1/reviews/${reviewId}/claim`, { key: approver, json: {} });
    const { code, stderr } = await cli(['inbox', 'approve', reviewId, '--yes'], reviewer);
    expect([code, stderr]).toEqual([1, expect.stringContaining('test holds this review until')]);
  });
});

describe('undoing', () => {
  it('says that there is nothing to undo', async () => {
    const { reviewId } = await office.waiting();
    const { code, stderr } = await cli(['inbox', 'undo', reviewId]);
    expect([code, stderr]).toEqual([1, 'Nobody has decided on the round that is open.\n']);
  });
});

describe('asking the caller', () => {
  it('waits for the answer, which is shown with the question it belongs to', async () => {
    const waiting = await office.waiting();
    const { reviewId, taskId } = waiting;
    const asked = await cli(['inbox', 'ask', reviewId, '--question', 'Which shop?']);
    expect([asked.code, asked.stdout]).toEqual([
      0,
      `Asked. The caller answers with: npx countersign tasks answer ${taskId} --text <text>\n`,
    ]);
    expect((await cli(['tasks', 'show', taskId])).stdout).toMatch(/asked +Which shop\? \(/);
    expect((await cli(['inbox', 'list'])).stdout).toMatch(
      new RegExp(`^${reviewId} +Reply to a note, caller asked`, 'm'),
    );
    expect((await cli(['inbox', 'show', reviewId])).stdout).toMatch(
      /Questions to the caller\n {2}asked in round 1 by test, .*: waits for the answer\n {4}Which shop\?/,
    );
    const said = await cli(['tasks', 'answer', taskId, '--text', 'The one in Leeds.']);
    expect([said.code, said.stdout]).toEqual([0, 'Said: it is part of the next draft.\n']);
    await eventually(
      () => review(waiting),
      ({ round, status }) => round === 2 && status === 'open',
    );
    const { stdout } = await cli(['inbox', 'show', reviewId]);
    expect(stdout).toMatch(
      /What the caller said since\n {2}.* UTC, to the question: Which shop\?\n {4}The one in Leeds\./,
    );
    expect(stdout).toMatch(/asked in round 1 by test, .*: answered/);
  });
});

describe('notes and assignments', () => {
  it('a note is left without a decision', async () => {
    const waiting = await office.waiting();
    const noted = await cli(['inbox', 'note', waiting.reviewId, '--text', 'Ask Ben first.']);
    expect([noted.code, noted.stdout]).toEqual([0, expect.stringMatching(/^Noted at .* UTC\.\n$/)]);
    expect((await cli(['inbox', 'show', waiting.reviewId])).stdout).toMatch(
      /Notes\n {2}note by \S+, .* UTC\n {4}Ask Ben first\./,
    );
    expect((await review(waiting)).status).toBe('open');
  });

  it('a lead gives a review to a member, who holds it then; others are told which role that needs', async () => {
    const waiting = await office.waiting();
    const json = { name: 'Ben', roles: ['reviewer'] };
    const { body: ben } = await ask(office.api, 'POST /v1/members', { key: office.key, json });
    const refused = await cli(['inbox', 'assign', waiting.reviewId, '--to', ben.id], reviewer);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('It is: lead')]);
    const given = await cli(['inbox', 'assign', waiting.reviewId, '--to', ben.id]);
    expect([given.code, given.stdout]).toEqual([
      0,
      expect.stringMatching(new RegExp(`^Held by ${ben.id} until .* UTC\\.`)),
    ]);
    expect((await review(waiting)).claimedByName).toBe('Ben');
  });
});

describe('approving many', () => {
  it('has a line for each in their order; one that is refused stops no other, and is told in the exit code', async () => {
    const [first, second] = [await office.waiting(), await office.waiting('Is it open?', PAIRED)];
    const third = await office.waiting();
    await cli(['inbox', 'decline', third.reviewId, '--reason', 'not_ours']);
    const ids = [first, second, third].map(({ reviewId }) => reviewId);
    const { code, stdout } = await cli(['inbox', 'approve', ...ids, '--yes', '--note', 'all seen']);
    expect(code).toBe(1);
    expect(stdout.trimEnd().split('\n').slice(-3)).toEqual([
      `${ids[0]} approved`,
      `${ids[1]} approved; 1 person more must approve`,
      expect.stringMatching(new RegExp(`^${ids[2]} not approved: test declined it at `)),
    ]);
    expect(stdout.match(/digest [0-9a-f]{64}/g)).toHaveLength(3);
    expect(await office.read(`/v1/tasks/${first.taskId}?waitSeconds=10`)).toMatchObject({ outcome: 'approved' });
  });

  it('needs a yes, or somebody to ask, and is bound to no single digest', async () => {
    const [first, second] = [await office.waiting(), await office.waiting()];
    const ids = [first.reviewId, second.reviewId];
    const unasked = await cli(['inbox', 'approve', ...ids]);
    const bound = await cli(['inbox', 'approve', ...ids, '--yes', '--digest', first.digest]);
    const tooMany = await cli(['inbox', 'approve', ...Array.from({ length: 201 }, () => first.reviewId), '--yes']);
    for (const { code } of [unasked, bound, tooMany]) expect(code).toBe(2);
    expect(tooMany.stderr).toContain('at most 200');
    expect((await review(first)).status).toBe('open');
  });
});
