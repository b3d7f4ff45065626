import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ask } from '../api/testApi';
import type { TestApi } from '../api/testApi';
import { editorThat, folder, removeFolder, runCli } from './runCli';
import type { Ran } from './runCli';
import { openOffice } from './office';
import type { Office } from './office';

let office: Office;
let api: TestApi;
let key: string;

beforeAll(async () => {
  office = await openOffice();
  ({ api, key } = office);
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

describe('correcting', () => {
  const better = () => editorThat(`(text) => text.replace('A reply', 'A better reply')`);

  it('lets out what was written in the editor, and leaves no file behind', async () => {
    const { reviewId, taskId } = await waiting();
    const { code, stdout } = await cli(['inbox', 'correct', reviewId, '--style'], { EDITOR: better() });
    expect([code, stdout]).toEqual([0, expect.stringContaining('Corrected.')]);
    expect(await ended(taskId)).toMatchObject({
      outcome: 'corrected',
      output: { reply: 'A better reply to a question.' },
    });
    const { rounds } = await read(`/v1/reviews/${reviewId}`);
    expect(rounds.at(-1).decision).toMatchObject({ action: 'correct', correctionKind: 'style' });
    expect(editFiles()).toEqual([]);
  });

  it('takes the output from a file', async () => {
    const { reviewId, taskId } = await waiting();
    const path = join(folder, 'output.json');
    writeFileSync(path, '{"reply":"From a file."}');
    expect((await cli(['inbox', 'correct', reviewId, '--output', path])).code).toBe(0);
    expect(await ended(taskId)).toMatchObject({ outcome: 'corrected', output: { reply: 'From a file.' } });
  });

  it('without a change decides nothing and gives the review back', async () => {
    const { reviewId, taskId } = await waiting();
    const { code, stderr } = await cli(['inbox', 'correct', reviewId], { EDITOR: 'true' });
    expect([code, stderr]).toEqual([1, expect.stringContaining('Nothing was changed, so nothing was decided')]);
    expect((await read(`/v1/tasks/${taskId}`)).status).toBe('waiting_for_review');
    expect((await read(`/v1/reviews/${reviewId}`)).claimedBy).toBeNull();
    expect(editFiles()).toEqual([]);
  });

  it('to what is no JSON says where, and keeps what was typed', async () => {
    const { reviewId, taskId } = await waiting();
    const editor = editorThat(`() => '{\\n  "reply": "typed",\\n}\\n'`);
    const { code, stderr } = await cli(['inbox', 'correct', reviewId], { VISUAL: editor, EDITOR: 'false' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/line 3, column 1: not JSON/);
    expect(readFileSync(keptPath(stderr), 'utf8')).toContain('"typed"');
    expect((await read(`/v1/tasks/${taskId}`)).status).toBe('waiting_for_review');
  });

  it('to what the schema refuses names the fields, and keeps what was typed', async () => {
    const { reviewId } = await waiting();
    const editor = editorThat(`() => '{ "reply": "" }'`);
    const { code, stderr } = await cli(['inbox', 'correct', reviewId], { EDITOR: editor });
    expect(code).toBe(1);
    expect(stderr).toContain('/reply: ');
    expect(readFileSync(keptPath(stderr), 'utf8')).toBe('{ "reply": "" }');
  });

  it('after somebody else decided tells who, and keeps what was typed', async () => {
    const { reviewId, digest } = await waiting();
    // Decides over HTTP by itself while the editor is open; the key is that of the claim's holder.
    const body = JSON.stringify({ action: 'decline', digest, reasonCode: 'not_ours' });
    const editor = editorThat(`(text) => text.replace('A reply', 'Lost');
await fetch('${api.url}/v1/reviews/${reviewId}/decision', {
  method: 'POST', body: '${body}', headers: { authorization: 'Bearer ${key}', 'content-type': 'application/json' },
})`);
    const { code, stderr } = await cli(['inbox', 'correct', reviewId], { EDITOR: editor });
    expect(code).toBe(1);
    expect(stderr).toMatch(/declined it at .* Yours came second/);
    expect(readFileSync(keptPath(stderr), 'utf8')).toContain('Lost to a question');
  });

  it('does not open an editor on a review that somebody else holds', async () => {
    const { reviewId } = await waiting();
    await ask(api, `POST /v1/reviews/${reviewId}/claim`, { key: await api.key(), json: {} });
    const mark = join(folder, 'opened');
    const { code, stderr } = await cli(['inbox', 'correct', reviewId], { EDITOR: `touch '${mark}'; false` });
    expect([code, stderr, existsSync(mark)]).toEqual([1, expect.stringContaining('holds this review'), false]);
  });

  it('with an editor that fails decides nothing', async () => {
    const { reviewId, taskId } = await waiting();
    const { code, stderr } = await cli(['inbox', 'correct', reviewId], { EDITOR: 'false' });
    expect([code, stderr]).toEqual([1, expect.stringContaining('ended with 1, so nothing was decided')]);
    expect((await read(`/v1/tasks/${taskId}`)).status).toBe('waiting_for_review');
  });

  it('with neither a terminal nor an editor says what is needed', async () => {
    const { reviewId } = await waiting();
    const { code, stderr } = await cli(['inbox', 'correct', reviewId]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('--output')]);
  });
});

function editFiles(): string[] {
  const folders = readdirSync(folder).filter((name) => /^countersign-[A-Za-z0-9]{6}$/.test(name));
  return folders.flatMap((name) => readdirSync(join(folder, name))).filter((name) => !keptFiles.has(name));
}

/** Of tests that keep their file. */
const keptFiles = new Set<string>();

function keptPath(stderr: string): string {
  const path = /kept in (\S+\.json);/.exec(stderr)?.[1] ?? '';
  keptFiles.add(path.split('/').at(-1) ?? '');
  return path;
}
