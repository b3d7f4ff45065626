import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { folder, removeFolder, runCli } from './runCli';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});
afterAll(removeFolder);

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An address that nothing listens on. */
async function deadUrl(): Promise<string> {
  const url = await serve(() => {});
  const server = servers.pop();
  await new Promise((resolve) => server?.close(resolve));
  return url;
}

/** Answers with an empty page of keys, and remembers who asked. */
async function keyServer(): Promise<{ readonly url: string; readonly asked: (string | undefined)[] }> {
  const asked: (string | undefined)[] = [];
  const url = await serve((request, response) => {
    asked.push(request.headers.authorization);
    response.setHeader('content-type', 'application/json').end('{"items":[]}');
  });
  return { url, asked };
}

/** A folder in which `npm start` has written this. */
function projectWith(content: unknown): string {
  const cwd = mkdtempSync(join(folder, 'project-'));
  mkdirSync(join(cwd, '.countersign'));
  writeFileSync(join(cwd, '.countersign', 'dev.json'), typeof content === 'string' ? content : JSON.stringify(content));
  return cwd;
}

// An empty COUNTERSIGN_HOME counts as none.
const inProject = { COUNTERSIGN_HOME: '' };

describe('where the command finds the installation', () => {
  it('is what `npm start` wrote, unless told otherwise', async () => {
    const { url, asked } = await keyServer();
    const cwd = projectWith({ baseUrl: url, adminApiKey: 'cs_dev' });
    expect((await runCli(['keys', 'list'], { cwd, env: inProject })).code).toBe(0);
    await runCli(['keys', 'list'], { cwd, env: { ...inProject, COUNTERSIGN_API_KEY: 'cs_env' } });
    await runCli(['keys', 'list', '--api-key', 'cs_flag'], {
      cwd,
      env: { ...inProject, COUNTERSIGN_API_KEY: 'cs_env' },
    });
    expect(asked).toEqual(['Bearer cs_dev', 'Bearer cs_env', 'Bearer cs_flag']);
  });

  it('is the address of the flag before that of the environment', async () => {
    const { url, asked } = await keyServer();
    const env = { COUNTERSIGN_URL: await deadUrl(), COUNTERSIGN_API_KEY: 'cs_env' };
    expect((await runCli(['--url', `${url}/`, 'keys', 'list'], { env })).code).toBe(0);
    expect(asked).toEqual(['Bearer cs_env']);
  });

  it('is nowhere: says what to do', async () => {
    const { code, stderr } = await runCli(['keys', 'list']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/run `npm start`[^]*COUNTERSIGN_URL and COUNTERSIGN_API_KEY/);
  });

  it('is there no more: says to start it again', async () => {
    const cwd = projectWith({ baseUrl: await deadUrl(), adminApiKey: 'cs_dev' });
    const { code, stderr } = await runCli(['keys', 'list'], { cwd, env: inProject });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/does not answer at [^]*ECONNREFUSED[^]*npm start/)]);
  });

  it('is a file that is damaged: says so', async () => {
    const { code, stderr } = await runCli(['keys', 'list'], { cwd: projectWith('{'), env: inProject });
    expect([code, stderr]).toEqual([1, expect.stringContaining('is not what `npm start` writes')]);
  });

  it('is no address: says what one looks like', async () => {
    const { code, stderr } = await runCli(['--url', 'localhost:8080', '--api-key', 'cs_x', 'keys', 'list']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('http://127.0.0.1:8080')]);
  });

  it('never gets the key of another installation', async () => {
    const { url, asked } = await keyServer();
    const cwd = projectWith({ baseUrl: 'http://127.0.0.1:9', adminApiKey: 'cs_dev' });
    const { code, stderr } = await runCli(['--url', url, 'keys', 'list'], { cwd, env: inProject });
    expect([code, stderr]).toEqual([1, expect.stringContaining(`There is no API key for ${url}`)]);
    expect(asked).toEqual([]);
  });
});

describe('a server that is not as it should be', () => {
  const keysOf = (url: string) =>
    runCli(['keys', 'list'], { env: { COUNTERSIGN_URL: url, COUNTERSIGN_API_KEY: 'cs_x' } });

  it.each([
    ['an error page of a proxy', 502, 'text/html', '<h1>Bad gateway</h1>'],
    ['a page that is no JSON', 200, 'text/html', '<h1>Welcome</h1>'],
    ['an error in JSON of somebody else', 500, 'application/json', '{"message":"no"}'],
  ])('answers with %s: is said', async (_what, status, type, body) => {
    const url = await serve((_request, response) => response.writeHead(status, { 'content-type': type }).end(body));
    const { code, stderr } = await keysOf(url);
    expect([code, stderr]).toEqual([1, expect.stringContaining("something that is not Countersign's")]);
  });

  it('redirects: the key does not follow', async () => {
    const { url: elsewhere, asked } = await keyServer();
    const url = await serve((_request, response) => response.writeHead(307, { location: `${elsewhere}/` }).end());
    expect((await keysOf(url)).code).toBe(1);
    expect(asked).toEqual([]);
  });

  it('sends control sequences in a problem: they are not printed', async () => {
    const problem = { code: 'internal', detail: 'sorry\x1b[2J\x07', instance: 'urn:\u009b1m' };
    const url = await serve((_request, response) =>
      response.writeHead(500, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem)),
    );
    const { stderr } = await keysOf(url);
    expect(stderr).toContain('sorry');
    expect(stderr).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
  });
});

const DIGEST = 'a'.repeat(64);
const REVIEW = `rev_${'0'.repeat(26)}`;
const APPROVE = ['inbox', 'approve', REVIEW, '--digest', DIGEST];
const ANSWER = {
  decision: { action: 'approve', by: 'key_1', missingApprovals: 0, undoUntil: null },
  task: { id: 'tsk_1', status: 'running', outcome: null },
};

/** Keeps what was sent for a decision; the first answers are as told, all others are that it took effect. */
async function decisionServer(first: readonly RequestListener[]) {
  const sent: { readonly key: string | string[] | undefined; readonly body: string }[] = [];
  const left = [...first];
  const url = await serve((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => void (body += chunk.toString()));
    request.on('end', () => {
      sent.push({ key: request.headers['idempotency-key'], body });
      const answer = left.shift();
      if (answer === undefined) response.setHeader('content-type', 'application/json').end(JSON.stringify(ANSWER));
      else answer(request, response);
    });
  });
  return { sent, env: { COUNTERSIGN_URL: url, COUNTERSIGN_API_KEY: 'cs_x' } };
}

const hangUp: RequestListener = (request) => request.socket.destroy();
const problem =
  (status: number, code: string): RequestListener =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/problem+json' }).end(JSON.stringify({ status, code }));

describe('a decision whose answer is lost', () => {
  it('is sent again under the same key, until the answer is there', async () => {
    const { sent, env } = await decisionServer([hangUp, problem(202, 'not_yet_decided'), problem(503, 'unavailable')]);
    const { code, stdout } = await runCli(APPROVE, { env });
    expect([code, stdout]).toEqual([0, 'Approved. The task tsk_1 is running.\n']);
    expect(sent).toHaveLength(4);
    expect(new Set(sent.map(({ key, body }) => `${String(key)} ${body}`)).size).toBe(1);
    expect(sent[0]?.key).toMatch(/^[\x21-\x7e]{16,255}$/);
  });

  it('and never comes is told to be unknown, with what sends the same again', async () => {
    const { sent, env } = await decisionServer([hangUp, hangUp, hangUp, hangUp]);
    const { code, stderr } = await runCli(APPROVE, { env });
    expect(code).toBe(1);
    expect(stderr).toContain('is not known');
    const again = new RegExp(`--digest ${DIGEST} --idempotency-key (\\S+)`).exec(stderr);
    expect(again?.[1]).toBe(sent[0]?.key);
    const second = await runCli([...APPROVE, '--idempotency-key', again?.[1] ?? ''], { env });
    expect(second.code).toBe(0);
    expect(sent.at(-1)).toEqual(sent[0]);
  });

  it('is not sent again when it was refused', async () => {
    const { sent, env } = await decisionServer([problem(409, 'stale_digest'), problem(404, 'review_unknown')]);
    expect((await runCli(APPROVE, { env })).code).toBe(1);
    expect(sent.filter(({ body }) => body !== '')).toHaveLength(1);
  });

  it('is another decision with another key when it is made again', async () => {
    const { sent, env } = await decisionServer([]);
    await runCli(APPROVE, { env });
    await runCli(APPROVE, { env });
    expect(new Set(sent.map(({ key }) => key)).size).toBe(2);
  });
});

describe('a command that is not asked for rightly', () => {
  it.each([
    [['inbox', 'list', '--qeue', 'x'], 'Did you mean --queue?'],
    [['inbox', 'aprove'], "unknown command 'aprove' of inbox; it has: list, show"],
    [['inbx'], 'Did you mean inbox?'],
    [['inbox', 'show'], "missing required argument 'reviewId'"],
    [['inbox', 'show', 'rev_../../v1/tasks'], 'is not the id of a review'],
    [['inbox', 'list', '--limit', 'many'], 'It must be a whole number.'],
    [['keys', 'create', '--name', 'x'], 'Say with --scope what the key is for'],
    [['keys'], 'create'],
  ])('%j says what is wrong and ends with 2', async (args, told) => {
    const { code, stderr } = await runCli(args, {
      env: { COUNTERSIGN_URL: 'http://127.0.0.1:9', COUNTERSIGN_API_KEY: 'x' },
    });
    expect([code, stderr]).toEqual([2, expect.stringContaining(told)]);
  });

  it('--help ends with 0', async () => {
    const { code, stdout } = await runCli(['inbox', 'correct', '--help']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('--output <file>')]);
  });
});
