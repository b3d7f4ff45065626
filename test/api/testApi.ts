import { randomBytes, randomUUID } from 'node:crypto';
import type { ApiDependencies } from '../../api/dependencies';
import { startApi } from '../../api/server';
import type { PolicySnapshot } from '../../contracts/words/policy';
import { SCOPES } from '../../contracts/words/vocabulary';
import type { Scope } from '../../contracts/words/vocabulary';
import { loadConfig } from '../../platform/config/config';
import { createKeyring } from '../../platform/encryption/keyring';
import { createLog } from '../../platform/log';
import { closeTemporalClient, createTemporalClient } from '../../platform/temporal';
import { createApiKey } from '../../store/apiKeys';
import { savePolicy } from '../../store/policies';
import { ensureTenant } from '../../store/tenants';
import { policySnapshot, resolveDefinition } from '../../tasks/resolve';
import { openTestStore } from '../store/testStore';
import { requireDeclared } from './declaredAnswer';
import { noteReply, smallNote } from './noteReply';

export const TENANT = 'acme';

/** Fixed, so that the audit lottery draws the same for the same Idempotency-Key in every run. */
const MASTER_KEY = new Uint8Array(32).fill(7);

export interface TestApiOptions {
  /** `startWorker`, for tests that need more than accepted tasks. Default: none. */
  readonly worker?: (dependencies: ApiDependencies) => Promise<{ stop(): Promise<void> }>;
  /** Default: the server of the test run. */
  readonly temporalAddress?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Task types besides `note-reply` and `small-note`. Default: none. */
  readonly taskTypes?: readonly (typeof noteReply)[];
}

export interface TestApi {
  readonly url: string;
  readonly dependencies: ApiDependencies;
  /** What was logged, one JSON text a line. */
  readonly logged: () => string;
  /** An API key with these scopes; default all. */
  key(scopes?: readonly Scope[], request?: { readonly tenant?: string; readonly expiresAt?: string }): Promise<string>;
  /** Moves the API's clock; Temporal's stays. */
  advance(seconds: number): void;
  close(): Promise<void>;
}

/** The API on a free port, over a store of its own and the run's Temporal, on a task queue of its own. */
export async function startTestApi(options: TestApiOptions = {}): Promise<TestApi> {
  const lines: string[] = [];
  let offsetMs = 0;
  const { dependencies, closeStore } = await assemble(options, { clock: () => new Date(Date.now() + offsetMs), lines });
  const worker = await options.worker?.(dependencies);
  const api = await startApi(dependencies);
  const { store } = dependencies;
  return {
    url: api.url,
    dependencies,
    logged: () => lines.join(''),
    key: async (scopes = SCOPES, { tenant = TENANT, expiresAt } = {}) => {
      const request = { name: 'test', scopes, at: dependencies.clock().toISOString(), expiresAt: expiresAt ?? null };
      return (await store.inTenant(tenant, (tx) => createApiKey(tx, request))).secret;
    },
    advance: (seconds) => void (offsetMs += seconds * 1000),
    close: async () => {
      await api.close();
      await worker?.stop();
      await closeTemporalClient(dependencies.client);
      await closeStore();
    },
  };
}

async function assemble(
  {
    env = {},
    taskTypes: more = [],
    temporalAddress = process.env.TEMPORAL_ADDRESS ?? '127.0.0.1:7233',
  }: TestApiOptions,
  { clock, lines }: { clock: () => Date; lines: string[] },
): Promise<{ readonly dependencies: ApiDependencies; closeStore(): Promise<void> }> {
  const given = {
    PORT: '0',
    TEMPORAL_ADDRESS: temporalAddress,
    COUNTERSIGN_TASK_QUEUE: `test-${randomUUID()}`,
    ...env,
  };
  const { config } = loadConfig({ root: __dirname, env: given });
  const taskTypes = new Map([noteReply, smallNote, ...more].map((each) => [each.name, resolveDefinition(each)]));
  const environment = { defaultModels: {}, hasProvider: (provider: string) => provider === 'embedded' };
  const policies = new Map([...taskTypes].map(([name, task]) => [name, policySnapshot(task, environment)]));
  const { store, close } = await openTestStore();
  await store.asSystem(async (tx) => {
    for (const id of [TENANT, 'other']) await ensureTenant(tx, { id, name: id, createdAt: clock().toISOString() });
    for (const snapshot of policies.values()) await savePolicy(tx, { snapshot, fallback: null });
  });
  const dependencies: ApiDependencies = {
    store,
    keyring: createKeyring(MASTER_KEY),
    client: createTemporalClient(config.temporal),
    taskTypes,
    policies: policies satisfies ReadonlyMap<string, PolicySnapshot>,
    config,
    log: createLog({ level: 'info', process: 'test', destination: { write: (line) => void lines.push(line) } }),
    clock,
  };
  return { dependencies, closeStore: close };
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The JSON of the answer; undefined where it has none. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test reads what it expects, and fails where it isn't there
  readonly body: any;
}

export interface Asking {
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly raw?: string | Uint8Array<ArrayBuffer>;
}

/** Asks the API: `ask(api, 'POST /v1/tasks', { key, json })`. */
export async function ask(
  api: Pick<TestApi, 'url'>,
  call: string,
  { key, headers = {}, json, raw }: Asking = {},
): Promise<Answer> {
  const [method = 'GET', path = '/'] = call.split(' ');
  const body = raw ?? (json === undefined ? undefined : JSON.stringify(json));
  const response = await fetch(api.url + path, {
    method,
    redirect: 'manual',
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  });
  if (response.headers.get('content-type')?.startsWith('text/event-stream')) {
    // It would go on for ever: test/api/eventReader.ts reads those.
    await response.body?.cancel();
    return { status: response.status, headers: response.headers, body: undefined };
  }
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  const parsed: unknown = isJson ? JSON.parse(text) : text || undefined;
  requireDeclared({ method, path }, { status: response.status, body: parsed });
  return { status: response.status, headers: response.headers, body: parsed };
}

/** Polls until the condition holds, for at most thirty seconds. */
export async function eventually<T>(read: () => Promise<T>, isFine: (value: T) => boolean): Promise<T> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const value = await read();
    if (isFine(value)) return value;
    if (Date.now() > deadline) throw new Error(`it did not come true within 30 s: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export const newKey = (): string => randomBytes(8).toString('hex');
