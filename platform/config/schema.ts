import { z } from 'zod';
import { notifications } from './notifications';
import { queueHours } from './queueHours';
import { setting } from './setting';

/** The official server of the provider; it needs a key. */
export const OPENAI_ADDRESS = 'https://api.openai.com/v1';

const MEBIBYTE = 1024 * 1024;

/** The largest input of a task is 8 MiB by default; the rest of the request's JSON gets 256 KiB. */
const DEFAULT_MAX_BODY_BYTES = 8 * MEBIBYTE + 256 * 1024;

const hostAndPort = z.string().regex(/^(\[[0-9a-fA-F:]+\]|[^\s:/]+):\d{1,5}$/, 'must be host:port, without a scheme');
const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' });
const seconds = (max: number) => z.number().int().min(1).max(max);
const microUsdPerMillionTokens = z.number().int().min(0).max(1_000_000_000);

const temporal = z.strictObject({
  address: setting(hostAndPort.default('127.0.0.1:7233'), {
    env: 'TEMPORAL_ADDRESS',
    doc: 'Where the Temporal frontend listens, as host:port. Default 127.0.0.1:7233.',
    cure: 'Give host:port, for example 127.0.0.1:7233.',
  }),
  namespace: setting(z.string().min(1).max(255).default('default'), {
    env: 'TEMPORAL_NAMESPACE',
    doc: 'The Temporal namespace of this installation. Default "default".',
    cure: 'Name a namespace that exists on the server.',
  }),
  taskQueue: setting(z.string().min(1).max(200).default('countersign'), {
    env: 'COUNTERSIGN_TASK_QUEUE',
    doc: 'The task queue of the workers; queues of model providers are named after it. Default "countersign".',
    cure: 'Give a name of 1 to 200 characters, the same for API and workers.',
  }),
  tls: setting(z.boolean().default(false), {
    env: 'TEMPORAL_TLS',
    doc: 'Whether the connection to Temporal is encrypted. Default false; true is needed with an API key.',
    cure: 'Set it to true or false.',
  }),
  apiKey: setting(z.string().min(1).optional(), {
    env: 'TEMPORAL_API_KEY',
    doc: 'The API key of Temporal Cloud. Default none. Secret.',
    cure: 'Set TEMPORAL_API_KEY, or TEMPORAL_API_KEY_FILE to a file that holds it.',
    secret: true,
  }),
  maxCachedWorkflows: setting(z.number().int().min(10).max(10_000).default(500), {
    env: 'TEMPORAL_MAX_CACHED_WORKFLOWS',
    doc: 'How many workflows one worker keeps in memory: 300 to 500 per GB. Default 500, from 10 to 10000.',
    cure: 'Give a whole number from 10 to 10000.',
  }),
  shutdownGraceSeconds: setting(seconds(600).default(30), {
    env: 'TEMPORAL_SHUTDOWN_GRACE_SECONDS',
    doc: 'How long a stopping worker lets running activities end, in seconds; longer than a model call. Default 30, from 1 to 600.',
    cure: 'Give whole seconds from 1 to 600.',
  }),
});

const http = z.strictObject({
  host: setting(z.string().min(1).max(255).default('127.0.0.1'), {
    env: 'COUNTERSIGN_HTTP_HOST',
    doc: 'The address that the API listens on. Default 127.0.0.1; 0.0.0.0 opens it to the network.',
    cure: 'Give an IP address or a host name of this machine.',
  }),
  port: setting(z.number().int().min(0).max(65_535).default(8088), {
    env: 'PORT',
    doc: 'The port of the API. Default 8088, from 0 to 65535; 0 takes a free one.',
    cure: 'Give a port from 0 to 65535.',
  }),
  publicUrl: setting(httpUrl.optional(), {
    env: 'COUNTERSIGN_PUBLIC_URL',
    doc: 'The address that callers use, for links. Default: http, host and port as they are.',
    cure: 'Give an address such as https://countersign.example.com.',
  }),
  maxBodyBytes: setting(
    z
      .number()
      .int()
      .min(1024)
      .max(64 * MEBIBYTE)
      .default(DEFAULT_MAX_BODY_BYTES),
    {
      env: 'COUNTERSIGN_MAX_BODY_BYTES',
      doc: `The largest request body, in bytes. Default ${DEFAULT_MAX_BODY_BYTES} (an input of 8 MiB and its envelope), from 1024 to ${64 * MEBIBYTE}.`,
      cure: `Give whole bytes from 1024 to ${64 * MEBIBYTE}.`,
    },
  ),
});

const store = z.strictObject({
  databaseUrl: setting(z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// address' }).optional(), {
    env: 'DATABASE_URL',
    doc: 'The PostgreSQL to use. Default none: the embedded store. Secret.',
    cure: 'Set DATABASE_URL to postgres://user:password@host:5432/database, or DATABASE_URL_FILE to a file that holds it.',
    secret: true,
  }),
  directory: setting(z.string().min(1).optional(), {
    env: 'COUNTERSIGN_STORE_DIRECTORY',
    doc: 'The folder of the embedded store. Default: "store" in the home folder.',
    cure: 'Give a folder on a local disk that this user may write.',
    path: true,
  }),
  poolSize: setting(z.number().int().min(1).max(200).default(10), {
    env: 'COUNTERSIGN_POOL_SIZE',
    doc: 'How many connections to PostgreSQL one process opens; the embedded store has one. Default 10, from 1 to 200.',
    cure: 'Give a whole number from 1 to 200.',
  }),
});

const secrets = z.strictObject({
  masterKey: setting(z.string().refine(isKeyOf32Bytes, 'must be 32 bytes in base64').optional(), {
    env: 'COUNTERSIGN_MASTER_KEY',
    doc: "The key that wraps the subjects' keys: 32 bytes in base64. Default none: `npm start` makes a file. Secret.",
    cure: 'Make one with: openssl rand -base64 32. Set COUNTERSIGN_MASTER_KEY, or COUNTERSIGN_MASTER_KEY_FILE to a file that holds it.',
    secret: true,
  }),
});

const integrations = z.strictObject({
  bankUrl: setting(httpUrl.optional(), {
    env: 'COUNTERSIGN_BANK_URL',
    doc: 'The core bank that bank-support gathers from. Default none: its context is unavailable, and a person decides.',
    cure: 'Give an address such as http://127.0.0.1:8090/bank.',
  }),
  crmUrl: setting(httpUrl.optional(), {
    env: 'COUNTERSIGN_CRM_URL',
    doc: 'The CRM that bank-support gathers from. Default none: its context is unavailable, and a person decides.',
    cure: 'Give an address such as http://127.0.0.1:8090/crm.',
  }),
  ordersUrl: setting(httpUrl.optional(), {
    env: 'COUNTERSIGN_ORDERS_URL',
    doc: 'The order system that refund-decision gathers from. Default none: its context is unavailable, and a person decides.',
    cure: 'Give an address such as http://127.0.0.1:8090.',
  }),
  paymentsUrl: setting(httpUrl.optional(), {
    env: 'COUNTERSIGN_PAYMENTS_URL',
    doc: 'The payment service that refund-decision gathers from, and that refunds. Default none: its context is unavailable, and nothing is refunded.',
    cure: 'Give an address such as http://127.0.0.1:8090.',
  }),
});

const openai = z.strictObject({
  enabled: setting(z.boolean().optional(), {
    env: 'OPENAI_ENABLED',
    doc: 'Whether routes to this provider are tried. Default: true as soon as its key or its address is set.',
    cure: 'Set it to true or false.',
  }),
  apiKey: setting(z.string().min(1).optional(), {
    env: 'OPENAI_API_KEY',
    doc: 'The key of the provider. Default none: a local server may need none. Secret.',
    cure: 'Set OPENAI_API_KEY, or OPENAI_API_KEY_FILE to a file that holds it.',
    secret: true,
  }),
  baseUrl: setting(httpUrl.default(OPENAI_ADDRESS), {
    env: 'OPENAI_BASE_URL',
    doc: `Any server that speaks the same protocol, with its version path. Default ${OPENAI_ADDRESS}.`,
    cure: 'Give an address such as http://127.0.0.1:11434/v1.',
  }),
  model: setting(z.string().min(1).max(200).default('gpt-4.1-mini'), {
    env: 'OPENAI_MODEL',
    doc: 'The model that drafts. Default gpt-4.1-mini.',
    cure: 'Name a model that the server has.',
  }),
  timeoutSeconds: setting(seconds(600).default(30), {
    env: 'OPENAI_TIMEOUT_SECONDS',
    doc: 'How long one call may take, in seconds. Default 30, from 1 to 600.',
    cure: 'Give whole seconds from 1 to 600.',
  }),
  inputMicroUsdPerMillionTokens: setting(microUsdPerMillionTokens.optional(), {
    env: 'OPENAI_INPUT_MICRO_USD_PER_MILLION_TOKENS',
    doc: 'Price of a million input tokens in micro-US-dollars. Default: the price list; a model it does not know is refused.',
    cure: 'Give a whole number from 0 to 1000000000, and the price of output too.',
  }),
  outputMicroUsdPerMillionTokens: setting(microUsdPerMillionTokens.optional(), {
    env: 'OPENAI_OUTPUT_MICRO_USD_PER_MILLION_TOKENS',
    doc: 'Price of a million output tokens in micro-US-dollars. Default: the price list; a model it does not know is refused.',
    cure: 'Give a whole number from 0 to 1000000000, and the price of input too.',
  }),
});

const models = z.strictObject({
  weightsDir: setting(z.string().min(1).default('.models'), {
    env: 'COUNTERSIGN_WEIGHTS_DIR',
    doc: 'Where `npm run model:add` puts the weights of embedded models. Default .models.',
    cure: 'Give a folder.',
    path: true,
  }),
  cacheDir: setting(z.string().min(1).optional(), {
    env: 'COUNTERSIGN_MODEL_CACHE_DIR',
    doc: 'Where trained classifiers are kept, by content hash. Default: "models" in the home folder.',
    cure: 'Give a folder that this user may write.',
    path: true,
  }),
  openai: openai.prefault({}),
});

const grant = z.strictObject({
  type: z.string().min(1),
  class: z.string().min(1),
  threshold: z.number().gt(0).max(1),
  auditRate: z.number().min(0.01).max(1).optional(),
});

const autonomy = z.strictObject({
  grants: setting(z.array(grant).max(1_000).default([]), {
    env: 'COUNTERSIGN_GRANTS',
    doc: 'The classes that their owner lets run alone above a fixed confidence: a list of { type, class, threshold, auditRate }, as JSON in the environment. Default none: every answer is reviewed.',
    cure: 'Give a list such as [{"type":"bank-support","class":"exchange_rate","threshold":0.9,"auditRate":0.05}]; threshold above 0 to 1, auditRate 0.01 to 1 (default 0.05).',
  }),
});

const webhooks = z.strictObject({
  allowPrivateAddresses: setting(z.boolean().default(false), {
    env: 'COUNTERSIGN_WEBHOOKS_ALLOW_PRIVATE_ADDRESSES',
    doc: 'Whether webhooks may go to private, loopback and link-local addresses. Default false.',
    cure: 'Set it to true or false.',
  }),
  timeoutSeconds: setting(seconds(60).default(10), {
    env: 'COUNTERSIGN_WEBHOOKS_TIMEOUT_SECONDS',
    doc: 'How long one delivery of a webhook may take, in seconds. Default 10, from 1 to 60.',
    cure: 'Give whole seconds from 1 to 60.',
  }),
});

const people = z.strictObject({
  costPerHourUsd: setting(z.number().min(0).max(10_000).default(30), {
    env: 'COUNTERSIGN_PERSON_COST_PER_HOUR_USD',
    doc: "What an hour of a reviewer costs, in US dollars; part of each task's cost. Default 30, from 0 to 10000.",
    cure: 'Give a number from 0 to 10000.',
  }),
  queueHours: setting(z.array(queueHours).max(100).default([]), {
    env: 'COUNTERSIGN_QUEUE_HOURS',
    doc: 'When the people of a queue work: a list of { queue, timeZone, days, holidays }, as JSON in the environment. The times of a ladder count within them. Default none: every hour counts.',
    cure: 'Give a list such as [{"queue":"support","timeZone":"Europe/London","days":{"1":{"from":"09:00","to":"17:00"}},"holidays":["2026-12-25"]}]; days are 1 (Monday) to 7.',
  }),
});

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const log = z.strictObject({
  level: setting(z.enum(LOG_LEVELS).default('info'), {
    env: 'LOG_LEVEL',
    doc: `The least severe line that is logged: ${LOG_LEVELS.join(', ')}. Default info.`,
    cure: `Give one of ${LOG_LEVELS.join(', ')}.`,
  }),
});

/** The rules of the configuration as it is written; what is derived from other options is still absent here. */
export const configSchema = z.strictObject({
  home: setting(z.string().min(1).default('.countersign'), {
    env: 'COUNTERSIGN_HOME',
    doc: 'The folder of everything this installation keeps on disk. Default .countersign.',
    cure: 'Give a folder that this user may write.',
    path: true,
  }),
  temporal: temporal.prefault({}),
  http: http.prefault({}),
  store: store.prefault({}),
  secrets: secrets.prefault({}),
  integrations: integrations.prefault({}),
  models: models.prefault({}),
  autonomy: autonomy.prefault({}),
  webhooks: webhooks.prefault({}),
  notifications: notifications.prefault({}),
  people: people.prefault({}),
  log: log.prefault({}),
});

function isKeyOf32Bytes(text: string): boolean {
  return /^[A-Za-z0-9+/]{43}=$/.test(text) && Buffer.from(text, 'base64').length === 32;
}
