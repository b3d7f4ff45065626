import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openOffice } from './office';
import type { Office } from './office';
import { DOWN, ENTER, editorThat, removeFolder, runOnTerminal } from './runCli';

let office: Office;

beforeAll(async () => {
  office = await openOffice();
});
afterAll(async () => {
  await office.api.close();
  removeFolder();
});

const ended = (taskId: string) => office.read(`/v1/tasks/${taskId}?waitSeconds=10`);

// util-linux's `script` is what makes a terminal here; where there is none, a person has to try these.
const onLinux = existsSync('/usr/bin/script') && process.platform === 'linux' ? describe : describe.skip;

onLinux('a person at a terminal', () => {
  it('picks a review, reads it, approves it, and leaves', async () => {
    const { taskId } = await office.waiting();
    const { code, screen } = await runOnTerminal(['inbox'], {
      env: office.env,
      steps: [
        ['Which review?', [ENTER]],
        ['What now?', [ENTER]],
        ['This has effects (1). Approve?', ['y']],
        ['Nothing to decide.', [DOWN, ENTER]],
      ],
    });
    expect(code).toBe(0);
    for (const part of ['Reply to a note', 'Why you are asked', 'Sends: A reply to a question.', 'Approved.']) {
      expect(screen).toContain(part);
    }
    expect(await ended(taskId)).toMatchObject({ outcome: 'approved' });
  });

  it('goes back without a decision, which gives the review back', async () => {
    const { reviewId } = await office.waiting();
    const { code } = await runOnTerminal(['inbox'], {
      env: office.env,
      steps: [
        ['Which review?', [ENTER]],
        ['What now?', [DOWN, DOWN, DOWN, DOWN, DOWN, DOWN, ENTER]],
        ['Which review?', [DOWN, DOWN, ENTER]],
      ],
    });
    expect(code).toBe(0);
    expect(await office.read(`/v1/reviews/${reviewId}`)).toMatchObject({ status: 'open', claimedBy: null });
    await decline(reviewId);
  });

  it('asks the caller, and leaves a note, which gives the review back', async () => {
    const { reviewId } = await office.waiting();
    await runOnTerminal(['inbox'], {
      env: office.env,
      steps: [
        ['Which review?', [ENTER]],
        ['What now?', [DOWN, DOWN, DOWN, DOWN, DOWN, ENTER]],
        ['Your note', ['Ask Ben first.', ENTER]],
        ['Which review?', [ENTER]],
        ['What now?', [DOWN, DOWN, DOWN, DOWN, ENTER]],
        ['What do you ask the caller?', ['Which shop?', ENTER]],
        ['Asked.', []],
        ['caller asked', [DOWN, DOWN, ENTER]],
      ],
    });
    const { status, notes, rounds } = await office.read(`/v1/reviews/${reviewId}`);
    expect([status, notes[0].text, rounds[0].questions[0].text]).toEqual([
      'waiting_for_caller',
      'Ask Ben first.',
      'Which shop?',
    ]);
    await decline(reviewId);
  });

  it('declines with a code that is checked before it is sent', async () => {
    const { taskId } = await office.waiting();
    const { screen } = await runOnTerminal(['inbox'], {
      env: office.env,
      steps: [
        ['Which review?', [ENTER]],
        ['What now?', [DOWN, DOWN, ENTER]],
        ['Reason code', ['Not ours', ENTER]],
        ['Lower-case letters', ['\x15', 'not_ours', ENTER]],
        ['Nothing to decide.', [DOWN, ENTER]],
      ],
    });
    expect(screen).toContain('Declined.');
    expect(await ended(taskId)).toMatchObject({ outcome: 'declined' });
  });

  it('is asked before a draft goes out, and nothing goes without a yes', async () => {
    const { reviewId, taskId } = await office.waiting();
    const { code, screen } = await runOnTerminal(['inbox', 'approve', reviewId], {
      env: office.env,
      steps: [['Approve this draft?', [ENTER]]],
    });
    expect([code, screen]).toEqual([1, expect.stringContaining('Nothing was decided.')]);
    expect((await office.read(`/v1/tasks/${taskId}`)).status).toBe('waiting_for_review');
    await runOnTerminal(['inbox', 'approve', reviewId], {
      env: office.env,
      steps: [['Approve this draft?', ['y']]],
    });
    expect(await ended(taskId)).toMatchObject({ outcome: 'approved' });
  });

  it('gets the editor again, with what was typed, until the output is valid', async () => {
    const { reviewId, taskId } = await office.waiting();
    const editor = editorThat(
      `(text) => text.includes('A reply') ? '{ "reply": "typed" ' : text.includes('}') ? text.replace('""', '"typed"') : '{ "reply": "" }'`,
    );
    const { code } = await runOnTerminal(['inbox', 'correct', reviewId], {
      env: { ...office.env, EDITOR: editor },
      steps: [
        ['line 1, column 20: not JSON', []],
        ['Open it again?', ['y']],
        ['/reply: ', []],
        ['Open it again?', ['y']],
        ['Corrected.', []],
      ],
    });
    expect(code).toBe(0);
    expect(await ended(taskId)).toMatchObject({ outcome: 'corrected', output: { reply: 'typed' } });
  });

  it('sees colours, unless NO_COLOR is set', async () => {
    const { reviewId } = await office.waiting();
    const bold = '\x1b[1m';
    const args = ['inbox', 'show', reviewId];
    expect((await runOnTerminal(args, { env: office.env, steps: [] })).screen).toContain(bold);
    const plain = await runOnTerminal(args, { env: { ...office.env, NO_COLOR: '1' }, steps: [] });
    expect(plain.screen).not.toContain(bold);
    await decline(reviewId);
  });
});

/** The next test begins with an empty inbox. */
async function decline(reviewId: string): Promise<void> {
  const args = ['inbox', 'decline', reviewId, '--reason', 'not_ours'];
  await runOnTerminal(args, { env: office.env, steps: [['Declined.', []]] });
}
