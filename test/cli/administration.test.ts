import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createApiKey } from '../../store/apiKeys';
import { createMember } from '../../store/members';
import { TENANT } from '../api/testApi';
import { openOffice } from './office';
import type { Office } from './office';
import { removeFolder, runCli } from './runCli';

let office: Office;
const NOWHERE = { email: null, slackUserId: null };
const MEMBER = { roles: ['reviewer'], queues: [], locale: null, addresses: NOWHERE } as const;

beforeAll(async () => {
  office = await openOffice();
});
afterAll(async () => {
  await office.api.close();
  removeFolder();
});

const cli = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  runCli(args, { env: { ...office.env, ...env } });

describe('API keys', () => {
  it('are made, shown once, listed without the key, and revoked', async () => {
    const made = await cli([
      'keys',
      'create',
      '--name',
      'till 4',
      '--scope',
      'tasks:read,reviews:read',
      '--scope',
      'tasks:write',
    ]);
    const key = made.stdout.trim();
    expect([made.code, key]).toEqual([0, expect.stringMatching(/^cs_\S+$/)]);
    expect((await cli(['inbox', 'list'], { COUNTERSIGN_API_KEY: key })).code).toBe(0);
    const listed = await cli(['keys', 'list']);
    expect(listed.stdout).toMatch(/till 4 .*tasks:read.* never$/m);
    expect(listed.stdout).not.toContain(key);
    const id = /^(\S+) +till 4 /m.exec(listed.stdout)?.[1] ?? '';
    expect((await cli(['keys', 'revoke', id])).stdout).toBe(`Revoked: ${id}.\n`);
    expect((await cli(['keys', 'list'])).stdout).toMatch(/till 4 .* revoked 20/);
  });

  it('that are not there can not be revoked', async () => {
    const { code, stderr } = await cli(['keys', 'revoke', 'key_nobody']);
    expect([code, stderr]).toEqual([1, 'There is no such API key, or it is not yours.\n']);
  });

  it('are listed to the last, however many there are, and so are members', async () => {
    const { store, clock, keyring } = office.api.dependencies;
    const at = clock().toISOString();
    await store.inTenant(TENANT, async (tx) => {
      for (let n = 1; n <= 205; n += 1) {
        await createApiKey(tx, { name: `key no. ${n}.`, scopes: ['tasks:read'], at, expiresAt: null });
        await createMember(tx, keyring, { details: { ...MEMBER, name: `member no. ${n}.` }, at });
      }
    });
    for (const [what, name] of [
      ['keys', 'key'],
      ['members', 'member'],
    ] as const) {
      const { stdout } = await cli([what, 'list']);
      expect(new Set(stdout.match(new RegExp(`${name} no\\. \\d+\\.`, 'g'))).size).toBe(205);
      const { items, nextCursor } = JSON.parse((await cli([what, 'list', '--json'])).stdout);
      expect([items.length >= 205, nextCursor]).toEqual([true, null]);
    }
  });

  it('with a scope that does not exist are refused with the rule', async () => {
    const { code, stderr } = await cli(['keys', 'create', '--name', 'x', '--scope', 'everything']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('/scopes/0: ')]);
  });
});

describe('members', () => {
  it('are made, listed, given keys and a sign-in link, and deactivated', async () => {
    const made = await cli([
      'members',
      'add',
      '--name',
      'Ann',
      '--role',
      'reviewer,lead',
      '--email',
      'ann@example.com',
    ]);
    const id = made.stdout.trim();
    expect([made.code, id]).toEqual([0, expect.stringMatching(/^mem_[0-9a-f]{16}$/)]);
    expect((await cli(['members', 'list'])).stdout).toMatch(/Ann .*reviewer lead .*all .*ann@example\.com .*active$/m);
    const key = (await cli(['keys', 'create', '--name', 'laptop', '--member', id])).stdout.trim();
    expect((await cli(['inbox', 'list'], { COUNTERSIGN_API_KEY: key })).code).toBe(0);
    expect((await cli(['keys', 'list'])).stdout).toMatch(new RegExp(`laptop .*${id} .*reviews:lead`));
    expect((await cli(['sign-in-link', '--member', id])).stdout).toMatch(/^http:\S+\/sign-in\?token=\S+\n$/);
    expect((await cli(['members', 'remove', id])).stdout).toBe(`Deactivated: ${id}.\n`);
    expect((await cli(['members', 'list'])).stdout).toMatch(/Ann .*left 20/);
  });

  it('with a role that does not exist are refused with the rule', async () => {
    const { code, stderr } = await cli(['members', 'add', '--name', 'x', '--role', 'king']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('/roles/0: ')]);
  });

  it('are needed for a key without scopes', async () => {
    const { code, stderr } = await cli(['keys', 'create', '--name', 'x']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('--scope')]);
  });
});

it('the webhook secret is printed alone', async () => {
  const { stdout } = await cli(['webhook-secret']);
  expect(stdout).toMatch(/^whsec_\S+\n$/);
});

it('the configuration is printed with the origin of each value, and without secrets', async () => {
  const { code, stdout } = await cli(['config'], { PORT: '4711', OPENAI_API_KEY: 'sk-very-secret' });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^http\.port +4711 +environment PORT$/m);
  expect(stdout).not.toContain('sk-very-secret');
});

it('a configuration that can not be used is told with the cure, without a stack', async () => {
  const { code, stderr } = await cli(['config'], { PORT: 'eighty' });
  expect([code, stderr]).toEqual([1, expect.stringContaining('http.port (from environment PORT)')]);
  expect(stderr).not.toContain('    at ');
});

describe('a task', () => {
  it('is shown as it stands, and with its output once delivered', async () => {
    const { taskId, reviewId } = await office.waiting();
    expect((await cli(['tasks', 'show', taskId])).stdout).toContain('note-reply · waiting for review');
    await cli(['inbox', 'approve', reviewId, '--yes']);
    const { stdout } = await cli(['tasks', 'show', taskId, '--wait-seconds', '10']);
    expect(stdout).toContain('completed, approved');
    expect(stdout).toContain('reply: A reply to a question.');
  });

  it('has a timeline of its steps', async () => {
    const { taskId } = await office.waiting();
    const { stdout } = await cli(['tasks', 'timeline', taskId]);
    for (const step of ['screen', 'classify', 'draft', 'judge']) expect(stdout).toMatch(new RegExp(`^${step} `, 'm'));
  });

  it('is cancelled once; then it has ended, which is told', async () => {
    const { taskId } = await office.waiting();
    expect((await cli(['tasks', 'cancel', taskId, '--reason', 'by mistake'])).stdout).toContain('Cancelled');
    expect(await office.read(`/v1/tasks/${taskId}?waitSeconds=10`)).toMatchObject({ outcome: 'cancelled' });
    const second = await cli(['tasks', 'cancel', taskId]);
    expect([second.code, second.stderr]).toEqual([1, 'The task has ended: cancelled. Nothing was changed.\n']);
  });

  it('is unknown under another id, which is told', async () => {
    const { code, stderr } = await cli(['tasks', 'show', 'tsk_nobody']);
    expect([code, stderr]).toEqual([1, 'There is no such task, or it is not yours.\n']);
  });
});
