import { createServer, connect } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startSweeper } from '../../api/sweeper';
import { acceptTask } from '../../store/acceptTask';
import type { NewTask } from '../../store/acceptTask';
import { readTask } from '../../store/tasks';
import { TENANT, ask, eventually, newKey, startTestApi } from './testApi';
import type { TestApi } from './testApi';
import { startWorker } from './testWorker';

/** The way to the run's Temporal, which can be cut and mended: for the API it is down meanwhile. */
class Line {
  private server: Server | null = null;
  private readonly sockets = new Set<Socket>();
  private port = 0;

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  async mend(): Promise<void> {
    const [host, port] = (process.env.TEMPORAL_ADDRESS ?? '').split(':');
    const server = createServer((near) => {
      const far = connect(Number(port), host);
      for (const socket of [near, far]) {
        this.sockets.add(socket);
        socket.on('error', () => undefined).on('close', () => [near, far].forEach((each) => each.destroy()));
      }
      near.pipe(far).pipe(near);
    });
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
  }

  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.server?.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
    await closed;
  }
}

const line = new Line();
let api: TestApi;
let key: string;

beforeAll(async () => {
  await line.mend();
  api = await startTestApi({ temporalAddress: line.address, worker: startWorker });
  key = await api.key();
});
afterAll(async () => {
  await api.close();
  await line.cut();
});

const NOTE = { type: 'note-reply', input: { message: 'Is it open on Sunday?' } };

async function whileCut<T>(work: () => Promise<T>): Promise<T> {
  await line.cut();
  try {
    return await work();
  } finally {
    await line.mend();
  }
}

const isReady = () =>
  eventually(
    () => ask(api, 'GET /readyz'),
    ({ status }) => status === 200,
  );

describe('while Temporal can not be reached', () => {
  it('a task is accepted, and goes its way once Temporal is back', async () => {
    const headers = { 'idempotency-key': newKey() };
    const accepted = await whileCut(() => ask(api, 'POST /v1/tasks', { key, json: NOTE, headers }));
    expect([accepted.status, accepted.body.status]).toEqual([202, 'running']);
    const { id } = accepted.body;
    const { store } = api.dependencies;
    expect((await store.inTenant(TENANT, (tx) => readTask(tx, id)))?.startedAt).toBeNull();
    await isReady();
    const sweeper = startSweeper(api.dependencies, { everySeconds: 0.2, graceSeconds: 0 });
    try {
      const read = () => ask(api, `GET /v1/tasks/${id}`, { key });
      await eventually(read, ({ body }) => body.status === 'waiting_for_review');
    } finally {
      await sweeper.close();
    }
    expect((await store.inTenant(TENANT, (tx) => readTask(tx, id)))?.startedAt).not.toBeNull();
  });

  it('a decision is answered 503, changes nothing, and takes effect under the same key afterwards', async () => {
    await isReady();
    const reviewer = await api.key();
    const { id } = (await ask(api, 'POST /v1/tasks', { key, json: NOTE })).body;
    const read = () => ask(api, `GET /v1/tasks/${id}`, { key });
    const { body } = await eventually(read, (answer) => answer.body.status === 'waiting_for_review');
    const decide = () =>
      ask(api, `POST /v1/reviews/${body.review.id}/decision`, {
        key: reviewer,
        json: { action: 'approve', digest: body.draft.digest },
        headers: { 'idempotency-key': 'outage-1' },
      });
    const refused = await whileCut(decide);
    expect([refused.status, refused.body.code, refused.headers.get('retry-after')]).toEqual([503, 'unavailable', '5']);
    expect((await read()).body.status).toBe('waiting_for_review');
    await isReady();
    expect((await decide()).status).toBe(200);
    expect((await ask(api, `GET /v1/tasks/${id}?waitSeconds=60`, { key })).body.outcome).toBe('approved');
  });

  it('a cancellation and a claim are answered 503, and what is in the store is still answered', async () => {
    await isReady();
    const { id } = (await ask(api, 'POST /v1/tasks', { key, json: NOTE })).body;
    const read = () => ask(api, `GET /v1/tasks/${id}`, { key });
    const { body } = await eventually(read, (answer) => answer.body.status === 'waiting_for_review');
    await whileCut(async () => {
      const [cancelled, claimed] = await Promise.all([
        ask(api, `POST /v1/tasks/${id}/cancel`, { key, json: {} }),
        ask(api, `POST /v1/reviews/${body.review.id}/claim`, { key }),
      ]);
      expect([cancelled.body.code, claimed.body.code]).toEqual(['unavailable', 'unavailable']);
      expect((await read()).status).toBe(200);
      expect((await ask(api, 'GET /readyz')).body.missing).toEqual(['temporal']);
    });
  });
});

describe('without a worker', () => {
  it('a decision that was sent on and not answered is 202, and a claim 503; under the same key it counts once', async () => {
    let stopWorker = async () => undefined as void;
    const worker: typeof startWorker = async (dependencies) => {
      const { stop } = await startWorker(dependencies);
      let stopping: Promise<void> | undefined;
      stopWorker = () => (stopping ??= stop());
      return { stop: stopWorker };
    };
    const own = await startTestApi({ worker });
    try {
      const [ownKey, reviewer] = [await own.key(), await own.key()];
      const { id } = (await ask(own, 'POST /v1/tasks', { key: ownKey, json: NOTE })).body;
      const read = () => ask(own, `GET /v1/tasks/${id}`, { key: ownKey });
      const { body } = await eventually(read, (answer) => answer.body.status === 'waiting_for_review');
      const decide = () =>
        ask(own, `POST /v1/reviews/${body.review.id}/decision`, {
          key: reviewer,
          json: { action: 'approve', digest: body.draft.digest },
          headers: { 'idempotency-key': 'unanswered-1' },
        });
      await stopWorker();
      const claim = ask(own, `POST /v1/reviews/${body.review.id}/claim`, { key: reviewer });
      const [unanswered, claimed] = await Promise.all([decide(), claim]);
      expect([unanswered.status, unanswered.body.code]).toEqual([202, 'not_yet_decided']);
      expect([claimed.status, claimed.body.code]).toEqual([503, 'unavailable']);
      const another = await startWorker(own.dependencies);
      expect((await decide()).body.decision).toMatchObject({ action: 'approve' });
      expect((await ask(own, `GET /v1/tasks/${id}?waitSeconds=60`, { key: ownKey })).body.outcome).toBe('approved');
      await another.stop();
    } finally {
      await own.close();
    }
  });

  it('the sweeper starts each task once, however many sweepers there are', async () => {
    const own = await startTestApi({ temporalAddress: line.address });
    try {
      const ownKey = await own.key();
      await whileCut(async () => {
        await Promise.all([1, 2, 3].map(() => ask(own, 'POST /v1/tasks', { key: ownKey, json: NOTE })));
      });
      await eventually(
        () => ask(own, 'GET /readyz'),
        ({ status }) => status === 200,
      );
      const sweepers = [1, 2].map(() => startSweeper(own.dependencies, { everySeconds: 3600, graceSeconds: 0 }));
      await Promise.all(sweepers.map((sweeper) => sweeper.sweep()));
      expect(await sweepers[0]?.sweep()).toBe(0);
      const { client, config } = own.dependencies;
      const started = await eventually(
        async () => (await client.workflow.count(`TaskQueue = '${config.temporal.taskQueue}'`)).count,
        (count) => count === 3,
      );
      expect(started).toBe(3);
      await Promise.all(sweepers.map((sweeper) => sweeper.close()));
    } finally {
      await own.close();
    }
  });

  it('a task that can not be started stands in the way of no other', async () => {
    const own = await startTestApi();
    try {
      const { store, keyring } = own.dependencies;
      const accepted = (taskId: string, policyVersion: string): NewTask => ({
        taskId,
        type: 'note-reply',
        typeVersion: 1,
        policyVersion,
        bodyHash: 'none',
        subject: null,
        reference: null,
        priority: 3,
        submitter: 'key_none',
        isReviewRequired: false,
        hasCallback: false,
        createdAt: '2026-01-01T00:00:00.000Z',
        texts: {},
      });
      const current = own.dependencies.policies.get('note-reply')?.version ?? '';
      const [broken, sound] = [keyring.taskId(TENANT, 'broken'), keyring.taskId(TENANT, 'sound')];
      await store.inTenant(TENANT, (tx) => acceptTask(tx, keyring, accepted(broken, 'p0000000000000000')));
      await store.inTenant(TENANT, (tx) => acceptTask(tx, keyring, accepted(sound, current)));
      const sweeper = startSweeper(own.dependencies, { everySeconds: 3600 });
      expect(await sweeper.sweep()).toBe(1);
      await sweeper.close();
      const startedAt = async (id: string) => (await store.inTenant(TENANT, (tx) => readTask(tx, id)))?.startedAt;
      expect([await startedAt(broken), await startedAt(sound)]).toEqual([null, expect.any(String)]);
      expect(own.logged()).toContain(broken);
    } finally {
      await own.close();
    }
  });
});
