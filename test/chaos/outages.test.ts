import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ensureTemporal } from '../../scripts/setup/ensureTemporal.mjs';
import { anyFreePort } from '../../scripts/setup/freePort.mjs';
import { findPostgres } from '../../scripts/setup/postgres.mjs';
import { Processes } from '../../scripts/setup/Processes.mjs';
import { signalGroup } from '../../scripts/setup/stopGroup.mjs';
import { startTemporalServer } from '../../scripts/setup/temporalServer.mjs';
import { createDatabase } from '../store/testStore';
import { arm } from './crashPoint';
import { reviewIdOf } from '../../contracts/words/names';
import { ChaosInstallation, dead, kill, until } from './installation';
import { type PostgresServer, startPostgresServer } from './postgresServer';

const ROOT = join(__dirname, '..', '..');
const ALONE = 'What is your exchange rate for euros today?';
const REVIEWED = 'I lost my card somewhere in town, what now?';
const APPROVED = { isIntact: true, kinds: ['escalated', 'decided', 'delivered', 'completed'] };
/** The PostgreSQL of this run; undefined where it is on the embedded store. */
const DATABASE_SERVER = process.env['DATABASE_URL'];
/** Decided one after the other while the other side goes away. */
const DECIDED = [
  'decided 1',
  'decided 2',
  'decided 3',
  'decided 4',
  'decided 5',
  'decided 6',
  'decided 7',
  'decided 8',
];
const DECIDE_EVERY_MS = 15;

let servers: Processes;
let product: ChaosInstallation;
const digests = new Map<string, string>();
const idOf = (key: string) => product.taskIdOf(key);

async function putToReview(keys: readonly string[]): Promise<void> {
  await Promise.all(keys.map((key) => product.post(key, REVIEWED)));
  for (const key of keys) digests.set(key, await product.opened(idOf(key)));
}

const approve = (key: string) => product.approve(idOf(key), digests.get(key) ?? '');

/** Decides on these, one after the other, and takes the other side away while half of them are under way or to come. */
async function approveDuring(keys: readonly string[], takeAway: () => Promise<void>): Promise<void> {
  const answers = keys.map((key, i) => pause(i * DECIDE_EVERY_MS).then(() => approve(key)));
  await pause((keys.length / 2) * DECIDE_EVERY_MS);
  await takeAway();
  const codes = (await Promise.all(answers)).map((answer) => answer?.body.code ?? answer?.status);
  expect([200, 'not_yet_decided', 'unavailable']).toEqual(expect.arrayContaining(codes));
}

async function endsApprovedOnce(key: string): Promise<void> {
  expect(await product.read(`/v1/reviews/${reviewIdOf(idOf(key))}`)).toMatchObject({ digest: digests.get(key) });
  await product.approved(idOf(key), digests.get(key) ?? '');
  expect(await product.ended(idOf(key))).toMatchObject({ outcome: 'approved', permit: { digest: digests.get(key) } });
  expect(product.recordedFor(idOf(key))).toHaveLength(1);
}

const isReady = () =>
  until(
    () => product.ask('GET /readyz'),
    (answer) => answer?.status === 200,
  );

async function close(): Promise<void> {
  await product.close();
  await servers.stopAll();
}

describe('Temporal is killed and started again', () => {
  let startTemporal: () => Promise<{ address: string; pid: number }>;
  let temporal: { address: string; pid: number };
  let pid: number;
  let database: Awaited<ReturnType<typeof createDatabase>> | null = null;

  beforeAll(async () => {
    servers = new Processes();
    const { TEMPORAL_ADDRESS: _unused, ...env } = process.env;
    const found = await ensureTemporal({ root: ROOT, env, log: () => undefined });
    if (found.kind !== 'cli') throw new Error('these tests need a Temporal of their own');
    const port = await anyFreePort();
    const folder = mkdtempSync(join(tmpdir(), 'countersign-temporal-'));
    await servers.removeAtEnd(folder);
    const dbFile = join(folder, 'temporal.db');
    startTemporal = () => startTemporalServer({ processes: servers, cli: found.path, cwd: ROOT, port, dbFile });
    temporal = await startTemporal();
    database = DATABASE_SERVER === undefined ? null : await createDatabase(DATABASE_SERVER);
    const store = database === null ? {} : { databaseUrl: database.databaseUrl };
    product = await ChaosInstallation.open({ temporalAddress: temporal.address, ...store });
    pid = await product.start();
    await putToReview(['waits', 'asked meanwhile', ...DECIDED]);
  });
  afterAll(async () => {
    await close();
    await database?.drop();
  });

  it('while decisions are under way: each is answered as decided, or that it is not known yet', async () => {
    await approveDuring(DECIDED, () => kill(temporal.pid));
  });

  it('a task that is posted meanwhile is accepted', async () => {
    const accepted = await product.post('posted meanwhile', ALONE);
    expect([accepted?.status, accepted?.body.status]).toEqual([202, 'running']);
  });

  it('a decision meanwhile is answered 503 and changes nothing, and what is in the store is still answered', async () => {
    const refused = await approve('asked meanwhile');
    expect([refused?.status, refused?.body.code, refused?.headers.get('retry-after')]).toEqual([
      503,
      'unavailable',
      '5',
    ]);
    expect(await product.read(`/v1/tasks/${idOf('asked meanwhile')}`)).toMatchObject({ status: 'waiting_for_review' });
    expect(await product.read('/readyz')).toMatchObject({ status: 'not_ready', missing: ['temporal'] });
  });

  it('and all of it ends right, once each, when Temporal is back', async () => {
    temporal = await startTemporal();
    await isReady();
    for (const key of ['waits', 'asked meanwhile', ...DECIDED]) await endsApprovedOnce(key);
    expect(await product.ended(idOf('posted meanwhile'))).toMatchObject({ outcome: 'answered' });
    expect(product.recordedFor(idOf('posted meanwhile'))).toHaveLength(1);
  }, 120_000);

  it('in the same process, with whole audit trails', async () => {
    expect(signalGroup(pid, 0)).toBe(true);
    await product.stop(pid);
    expect(await product.trails(['waits', ...DECIDED].map(idOf))).toEqual(['waits', ...DECIDED].map(() => APPROVED));
  });
});

const programs = DATABASE_SERVER === undefined && process.env['CHAOS'] !== 'full' ? undefined : findPostgres();
/** A server of its own, where the run is about PostgreSQL or about everything, and its programs are there. */
(programs === undefined ? describe.skip : describe)('PostgreSQL is stopped and started again', () => {
  let postgres: PostgresServer;
  let api: number;
  let worker: number;

  beforeAll(async () => {
    servers = new Processes();
    postgres = await startPostgresServer(servers, programs ?? '');
    const temporalAddress = process.env['TEMPORAL_ADDRESS'] ?? '127.0.0.1:7233';
    product = await ChaosInstallation.open({ temporalAddress, databaseUrl: postgres.databaseUrl });
    api = await product.start('api');
    worker = await product.start('worker');
    await putToReview(['waits', 'asked meanwhile', ...DECIDED]);
  });
  afterAll(close);

  it.each(['fast', 'immediate'] as const)(
    'by a %s stop, while decisions are under way: each ends once, and the API says that it is unavailable meanwhile',
    async (how) => {
      const decided = how === 'fast' ? DECIDED.slice(0, 4) : DECIDED.slice(4);
      await approveDuring(decided, () => postgres.stop(how));
      const meanwhile = [
        await product.post(`posted meanwhile, ${how}`, ALONE),
        await product.ask(`GET /v1/tasks/${idOf('waits')}`),
        await approve('asked meanwhile'),
      ];
      const said = meanwhile.map((answer) => [answer?.status, answer?.body.code, answer?.headers.get('retry-after')]);
      expect(said).toEqual(meanwhile.map(() => [503, 'unavailable', '5']));
      expect(await product.read('/readyz')).toMatchObject({ status: 'not_ready', missing: ['store'] });
      await postgres.start();
      await isReady();
      for (const key of decided) await endsApprovedOnce(key);
      // Under the same key, as a caller does that was told to come back.
      expect((await product.post(`posted meanwhile, ${how}`, ALONE))?.status).toBe(202);
      expect(await product.ended(idOf(`posted meanwhile, ${how}`))).toMatchObject({ outcome: 'answered' });
      expect(product.recordedFor(idOf(`posted meanwhile, ${how}`))).toHaveLength(1);
    },
    120_000,
  );

  it('the review that waited is as it was, and both processes live', async () => {
    for (const key of ['waits', 'asked meanwhile']) await endsApprovedOnce(key);
    expect([signalGroup(api, 0), signalGroup(worker, 0)]).toEqual([true, true]);
    expect(await product.trails(['waits', ...DECIDED].map(idOf))).toEqual(['waits', ...DECIDED].map(() => APPROVED));
  });

  it('a task goes on without the API that accepted it', async () => {
    expect((await product.post('accepted', ALONE))?.status).toBe(202);
    await kill(api);
    await until(
      () => Promise.resolve(product.recordedFor(idOf('accepted'))),
      (interactions) => interactions.length === 1,
    );
    api = await product.start('api');
    expect(await product.ended(idOf('accepted'))).toMatchObject({ outcome: 'answered' });
  });

  it.each(['start:before', 'start:after'] as const)(
    'a task whose API was killed once it was accepted, at %s of its workflow, is started by the next API',
    async (point) => {
      arm(product.chaosFile, { point, taskId: idOf(point) });
      expect(await product.post(point, ALONE)).toBeNull();
      await dead(api);
      api = await product.start('api');
      expect(await product.ended(idOf(point))).toMatchObject({ outcome: 'answered' });
      expect(product.recordedFor(idOf(point))).toHaveLength(1);
    },
  );
});
