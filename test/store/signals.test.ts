import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Pool } from 'pg';
import { createPostgresSignals, type Signals } from '../../store/signals';
import { eventually } from '../api/testApi';
import { createDatabase } from './testStore';

const databaseUrl = process.env['DATABASE_URL'];
const onPostgres = databaseUrl === undefined || databaseUrl === '' ? describe.skip : describe;

/** Lets two sides talk until it falls silent: then connections of before carry nothing, and end on neither side. */
interface Wire {
  readonly url: string;
  fallSilent(): void;
  close(): void;
}

async function wireTo(target: URL): Promise<Wire> {
  const sockets: Socket[] = [];
  let silences = 0;
  const server = createServer((near) => {
    const before = silences;
    const far = connect(Number(target.port || 5432), target.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.push(from);
      from.on('data', (data) => silences === before && to.write(data));
      from.on('close', () => silences === before && to.destroy());
      from.on('error', () => undefined);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(target);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.href,
    fallSilent: () => void (silences += 1),
    close: () => {
      server.close();
      sockets.forEach((socket) => socket.destroy());
    },
  };
}

onPostgres('signals between processes', () => {
  let database: { readonly databaseUrl: string; drop(): Promise<void> };
  let pool: Pool;
  const warnings: string[] = [];
  const open: Signals[] = [];
  const warn = (message: string) => void warnings.push(message);

  beforeAll(async () => {
    database = await createDatabase(databaseUrl ?? '');
    pool = new Pool({ connectionString: database.databaseUrl, max: 1, connectionTimeoutMillis: 200 });
  });
  afterEach(async () => {
    warnings.length = 0;
    for (const signals of open.splice(0)) await signals.close();
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  function opened(connectionString: string, askEveryMs?: number): Signals {
    const made = createPostgresSignals({ connectionString }, pool, { warn, ...(askEveryMs && { askEveryMs }) });
    open.push(made);
    return made;
  }

  /** Hears `sender` at `listener`, which may still be connecting. */
  async function untilHeard(sender: Signals, listener: Signals): Promise<void> {
    let isHeard = false;
    const stop = listener.subscribe('presence', () => (isHeard = true));
    await eventually(() => {
      sender.send('presence', ['here']);
      return Promise.resolve(isHeard);
    }, Boolean);
    stop();
  }

  test('what could not be told, since no connection was free, is told as soon as one is', async () => {
    const [sender, listener] = [opened(database.databaseUrl), opened(database.databaseUrl)];
    await untilHeard(sender, listener);
    const heard: string[] = [];
    listener.subscribe('task_changed', (message) => heard.push(message));
    const busy = await pool.connect();
    sender.send('task_changed', ['one', 'two']);
    await eventually(() => Promise.resolve(warnings.length), Boolean);
    sender.send('task_changed', ['three']);
    expect(heard).toEqual([]);
    busy.release();
    await eventually(
      () => Promise.resolve(heard.length),
      (length) => length === 3,
    );
    expect(heard).toEqual(['one', 'two', 'three']);
  });

  test('a connection that leads nowhere without having ended is made anew, and that something was missed is told', async () => {
    const wire = await wireTo(new URL(database.databaseUrl));
    const [sender, listener] = [opened(database.databaseUrl), opened(wire.url, 200)];
    let gaps = 0;
    listener.onGap(() => (gaps += 1));
    await untilHeard(sender, listener);
    expect(gaps).toBe(0);
    wire.fallSilent();
    await eventually(() => Promise.resolve(gaps), Boolean);
    await untilHeard(sender, listener);
    expect(warnings).toEqual(['the connection that listens for changes was lost; it is made anew']);
    wire.close();
  });
});
