import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ask, eventually } from '../api/testApi';
import type { TestApi } from '../api/testApi';
import { openListeningDoor } from './listeningDoor';
import { removeFolder, runCli } from './runCli';
import type { Ran } from './runCli';
import { openOffice } from './office';
import type { Office } from './office';

let office: Office;
let api: TestApi;

beforeAll(async () => {
  office = await openOffice();
  ({ api } = office);
});
afterAll(async () => {
  await api.close();
  removeFolder();
});

const cli = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> =>
  runCli(args, { env: { ...office.env, ...env } });
const read = (path: string) => office.read(path);
const waiting = (message?: string) => office.waiting(message);
const ended = (taskId: string) => read(`/v1/tasks/${taskId}?waitSeconds=10`);

describe('the list', () => {
  it('has a line for each review that waits: what it asks, class, reason, confidence, age, due and holder', async () => {
    const { reviewId } = await waiting();
    const { code, stdout } = await cli(['inbox', 'list']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ID +ASKS +CLASS +WHY +CONFIDENCE +AGE +DUE +HOLDER$/m);
    expect(stdout).toMatch(
      new RegExp(
        `^${reviewId} +Reply to a note +question +may not run alone yet +0\\.\\d\\d +\\d+ s +(–|in .*) +–$`,
        'm',
      ),
    );
    expect(stdout).toMatch(/^notes: \d+ open/m);
  });

  it('is what `inbox` alone prints when nobody is at a terminal', async () => {
    const { reviewId } = await waiting();
    const { code, stdout } = await cli(['inbox']);
    expect([code, stdout.includes(reviewId)]).toEqual([0, true]);
  });

  it('is the answer itself with --json', async () => {
    const { reviewId } = await waiting();
    const { stdout } = await cli(['inbox', 'list', '--json', '--limit', '200', '--queue', 'notes']);
    const ids = JSON.parse(stdout).items.map(({ id }: { id: string }) => id);
    expect(ids).toContain(reviewId);
  });

  it('says that there is nothing to decide', async () => {
    const { code, stdout } = await cli(['inbox', 'list', '--queue', 'nobody']);
    expect([code, stdout.split('\n')[0]]).toEqual([0, 'Nothing to decide.']);
  });

  it('has no colours when it is not on a terminal', async () => {
    await waiting();
    const { stdout } = await cli(['inbox', 'list'], { CI: 'true' });
    expect(stdout).not.toContain('\x1b');
  });
});

describe('a review that is shown', () => {
  it('has all that a decision needs on one screen', async () => {
    const { reviewId, taskId, digest } = await waiting('Is it open on Sunday?');
    const { code, stdout } = await cli(['inbox', 'show', taskId]);
    expect(code).toBe(0);
    for (const part of [
      reviewId,
      'queue notes',
      'Why you are asked',
      'message: Is it open on Sunday?',
      'question 0.97',
      'next: thanks 0.03',
      'Draft, version 1',
      'reply: A reply to a question.',
      `digest ${digest}`,
      'Sends: A reply to a question.',
      'If nobody decides',
      `countersign inbox approve ${reviewId}`,
    ]) {
      expect(stdout).toContain(part);
    }
  });

  it('masks personal data, and shows it with --reveal', async () => {
    const { reviewId } = await waiting('Write to ada.lovelace@example.com please');
    const masked = await cli(['inbox', 'show', reviewId]);
    const revealed = await cli(['inbox', 'show', reviewId, '--reveal']);
    expect(masked.stdout).not.toContain('ada.lovelace@example.com');
    expect(masked.stdout).toContain('personal data masked');
    expect(revealed.stdout).toContain('ada.lovelace@example.com');
  });

  it('can neither move the cursor nor forge what is on the screen', async () => {
    const { reviewId } = await waiting('Hello\x1b[2J\x1b]0;title\x07\u009b31m\u202eevil\rover\x00 end');
    const { stdout } = await cli(['inbox', 'show', reviewId, '--reveal']);
    expect(stdout).toMatch(/message: Helloevilover end/);
    expect(stdout).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]/);
    const json = await cli(['inbox', 'show', reviewId, '--reveal', '--json']);
    expect(json.stdout).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]/);
    expect(JSON.parse(json.stdout).input.message).toBe('Hello\x1b[2J\x1b]0;title\x07\u009b31m\u202eevil\rover\x00 end');
  });

  it('is unknown under another id, which is said', async () => {
    const { code, stderr } = await cli(['inbox', 'show', `rev_${'0'.repeat(26)}`]);
    expect([code, stderr]).toEqual([1, 'There is no such review, or it is not yours.\n']);
  });
});

describe('a claim', () => {
  it('is made, extended and given back', async () => {
    const { reviewId } = await waiting();
    const claimed = await cli(['inbox', 'claim', reviewId, '--lease-seconds', '120']);
    expect(claimed.stdout).toMatch(/^Held by \S+ until .* UTC\.$/m);
    expect((await read(`/v1/reviews/${reviewId}`)).status).toBe('claimed');
    expect((await cli(['inbox', 'extend', reviewId, '--lease-seconds', '600'])).code).toBe(0);
    expect((await cli(['inbox', 'release', reviewId])).stdout).toContain('Released');
    expect((await read(`/v1/reviews/${reviewId}`)).status).toBe('open');
  });

  it('is taken on the next review, which is shown', async () => {
    await waiting();
    const { code, stdout } = await cli(['inbox', 'next', '--queue', 'notes']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Held by \S+ until/);
    expect((await cli(['inbox', 'next', '--queue', 'nobody'])).stdout).toBe('Nothing to decide.\n');
  });

  it('of somebody else is told with who and until when', async () => {
    const { reviewId } = await waiting();
    const other = await api.key();
    await ask(api, `POST /v1/reviews/${reviewId}/claim`, { key: other, json: {} });
    const { code, stderr } = await cli(['inbox', 'approve', reviewId, '--yes']);
    expect(code).toBe(1);
    expect(stderr).toContain('test holds this review until');
  });
});

describe('approving', () => {
  it('lets out the draft with the digest that was seen', async () => {
    const { reviewId, taskId, digest } = await waiting();
    const { code, stdout } = await cli(['inbox', 'approve', reviewId, '--digest', digest, '--note', 'fine']);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^Approved\. The task tsk_\S+ is /)]);
    expect(await ended(taskId)).toMatchObject({ outcome: 'approved', output: { reply: 'A reply to a question.' } });
  });

  it.each([
    ['approve', ['--yes']],
    ['decline', ['--reason', 'not_ours']],
    ['revise', ['--guidance', 'Shorter.']],
  ])('and every other decision names the draft and the round that was shown: %s', async (action, how) => {
    const { reviewId, digest } = await waiting();
    const door = await openListeningDoor(api.url);
    try {
      const { code } = await cli(['inbox', action, reviewId, ...how], { COUNTERSIGN_URL: door.url });
      expect(code).toBe(0);
      expect(door.sent).toContainEqual(expect.objectContaining({ action, digest, round: 1 }));
    } finally {
      await door.close();
    }
  });

  it('without a terminal needs to be told what was seen, or a yes to whatever there is', async () => {
    const { reviewId, taskId, digest } = await waiting();
    const refused = await cli(['inbox', 'approve', reviewId]);
    expect([refused.code, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toContain('--digest');
    expect((await read(`/v1/tasks/${taskId}`)).status).toBe('waiting_for_review');
    const approved = await cli(['inbox', 'approve', reviewId, '--yes']);
    expect(approved.code).toBe(0);
    expect(approved.stdout).toContain(`digest ${digest}`);
  });

  it('shows the newer draft, and changes nothing, when another one was seen', async () => {
    const { reviewId, taskId, digest } = await waiting();
    const stale = digest.replace(/^./, (first) => (first === '0' ? '1' : '0'));
    const { code, stderr } = await cli(['inbox', 'approve', reviewId, '--digest', stale]);
    expect(code).toBe(1);
    expect(stderr).toContain(`digest ${digest}`);
    expect(stderr).toContain('nothing was changed');
    expect((await read(`/v1/tasks/${taskId}`)).status).toBe('waiting_for_review');
  });

  it('tells the second of two who decided, what and when', async () => {
    const { reviewId, digest } = await waiting();
    const other = await api.key();
    const json = { action: 'decline', digest, reasonCode: 'not_ours' };
    await ask(api, `POST /v1/reviews/${reviewId}/decision`, { key: other, json });
    const { code, stderr } = await cli(['inbox', 'approve', reviewId, '--digest', digest]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^test declined it at .* UTC\. Yours came second and changed nothing\.\n$/);
  });

  it('prints the refusal as JSON for a script', async () => {
    const { reviewId, digest } = await waiting();
    await cli(['inbox', 'decline', reviewId, '--reason', 'not_ours']);
    const { code, stdout } = await cli(['inbox', 'approve', reviewId, '--digest', digest, '--json']);
    expect([code, JSON.parse(stdout).code]).toEqual([1, 'already_decided']);
  });
});

describe('declining and sending back', () => {
  it('a declined task ends without an output', async () => {
    const { reviewId, taskId } = await waiting();
    const { code, stdout } = await cli(['inbox', 'decline', reviewId, '--reason', 'not_ours']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('Declined.')]);
    expect(await ended(taskId)).toMatchObject({ outcome: 'declined', output: null });
  });

  it('a decline needs a reason', async () => {
    const { reviewId } = await waiting();
    const { code, stderr } = await cli(['inbox', 'decline', reviewId]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('--reason')]);
  });

  it('a reason that is no code is refused with the rule', async () => {
    const { reviewId } = await waiting();
    const { code, stderr } = await cli(['inbox', 'decline', reviewId, '--reason', 'Not ours']);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/\/reasonCode: .*lower-case/)]);
  });

  it('guidance makes another draft, which comes to review', async () => {
    const { reviewId, taskId } = await waiting();
    const { code } = await cli(['inbox', 'revise', reviewId, '--guidance', 'Say the hours: 9 to 5.']);
    expect(code).toBe(0);
    await eventually(
      () => read(`/v1/reviews/${reviewId}`),
      ({ status, round }) => status === 'open' && round === 2,
    );
    const { stdout } = await cli(['inbox', 'show', reviewId]);
    for (const part of ['round 2', 'Draft, version 2', 'reply: "Say the hours: 9 to 5."', 'guidance of round 1 by']) {
      expect(stdout).toContain(part);
    }
    expect((await cli(['inbox', 'approve', reviewId, '--yes'])).code).toBe(0);
    expect(await ended(taskId)).toMatchObject({ output: { reply: 'Say the hours: 9 to 5.' } });
  });
});

describe('a key that may not', () => {
  it('is told which scope is missing', async () => {
    const { reviewId, digest } = await waiting();
    const env = { COUNTERSIGN_API_KEY: await api.key(['reviews:read']) };
    const { code, stderr } = await cli(['inbox', 'approve', reviewId, '--digest', digest], env);
    expect([code, stderr]).toEqual([1, expect.stringContaining('reviews:decide')]);
  });

  it('is told that it is not known', async () => {
    const { code, stderr } = await cli(['inbox', 'list'], { COUNTERSIGN_API_KEY: 'cs_nobody' });
    expect([code, stderr]).toEqual([1, expect.stringContaining('neither expired nor revoked')]);
  });
});
