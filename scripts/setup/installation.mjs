import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { ensureDependencies } from './ensureDependencies.mjs';
import { ensureTemporal } from './ensureTemporal.mjs';
import { portChooser } from './freePort.mjs';
import { loadSettings } from './loadSettings.mjs';
import { withProgress } from './progress.mjs';
import { readyOf, startUntilReady } from './readyLine.mjs';
import { takeRunLock } from './runLock.mjs';
import { SetupError } from './SetupError.mjs';
import { startTemporalServer } from './temporalServer.mjs';

const TEMPORAL_PORT = 7233;
const TEMPORAL_UI_PORT = 8233;
const FAKES_PORT = 8090;
const CONNECT_TIMEOUT_MS = 3_000;
/** A stopping worker may wait `temporal.shutdownGraceSeconds` for its activities; the rest is for closing the store. */
const CLOSING_MS = 5_000;

/**
 * What is written to dev.json.
 * @typedef {object} DevFile
 * @property {string} baseUrl
 * @property {string} adminApiKey of the local administrator, for deciding
 * @property {string} callerApiKey of a service, for posting tasks
 * @property {string | null} signInUrl
 * @property {string} temporalAddress
 * @property {string | null} temporalUiUrl null when the server is not ours
 * @property {Record<string, number>} pids
 */

/**
 * @typedef {object} Context
 * @property {string} root
 * @property {import('./progress.mjs').Log} log
 * @property {import('./Processes.mjs').Processes} processes
 * @property {import('../../platform/config/config.js').Config} config
 * @property {ReturnType<typeof portChooser>} choosePort
 */

/**
 * Installs what is missing and starts the whole installation: Temporal, the fakes, the product. Gives what dev.json
 * holds; the caller stops `processes`.
 * @param {{ root: string, log: import('./progress.mjs').Log, processes: import('./Processes.mjs').Processes }} options
 * @returns {Promise<DevFile>}
 */
export async function startInstallation({ root, log, processes }) {
  await ensureDependencies({ root, log });
  const { config, origins } = await loadSettings(root);
  await processes.removeAtEnd(takeRunLock(config.home));
  const isTemporalOurs = origins['temporal.address'] === 'default';
  const choosePort = portChooser(log);
  const context = { root, log, processes, config, choosePort };
  // The API's port is chosen first, so that the others make room for it.
  const port = await choosePort('the API', config.http.port);
  const [temporal, fakes] = await Promise.all([
    isTemporalOurs ? startTemporal(context) : reachTemporal(config.temporal.address, log),
    startFakes(context),
  ]);
  const env = {
    ...process.env,
    ...fakes.env,
    COUNTERSIGN_HOME: config.home,
    // The product's own output is read here alone, so it may tell the ways in.
    COUNTERSIGN_LOCAL: '1',
    PORT: String(port),
    TEMPORAL_ADDRESS: temporal.address,
  };
  const product = await (config.store.databaseUrl === undefined ? startOne(context, env) : startTwo(context, env));
  /** @type {DevFile} */
  const devFile = {
    baseUrl: product.ready.baseUrl ?? `http://127.0.0.1:${port}`,
    adminApiKey: product.ready.adminApiKey ?? '',
    callerApiKey: product.ready.callerApiKey ?? '',
    signInUrl: product.ready.signInUrl ?? null,
    temporalAddress: temporal.address,
    temporalUiUrl: temporal.uiUrl,
    pids: { ...temporal.pids, ...fakes.pids, ...product.pids },
  };
  await writeDevFile(context, devFile);
  return devFile;
}

/** @param {Context} context */
async function startTemporal({ root, log, processes, config, choosePort }) {
  const temporal = await ensureTemporal({ root, env: process.env, log });
  if (temporal.kind === 'address') return reachTemporal(temporal.address, log);
  const port = await choosePort('Temporal', TEMPORAL_PORT);
  const uiPort = await choosePort("Temporal's web interface", TEMPORAL_UI_PORT);
  const server = await withProgress({ log, name: `Temporal on 127.0.0.1:${port}, from ${temporal.from}` }, () =>
    startTemporalServer({
      processes,
      cli: temporal.path,
      cwd: root,
      port,
      uiPort,
      namespace: config.temporal.namespace,
      dbFile: join(config.home, 'temporal.db'),
      logFile: join(config.home, 'temporal.log'),
    }),
  );
  return { address: server.address, uiUrl: `http://127.0.0.1:${uiPort}`, pids: { temporal: server.pid } };
}

/**
 * A Temporal that someone else runs: it is not started, only tried.
 * @param {string} address
 * @param {import('./progress.mjs').Log} log
 */
async function reachTemporal(address, log) {
  const at = address.lastIndexOf(':');
  await new Promise((resolve, reject) => {
    const socket = createConnection({ host: address.slice(0, at), port: Number(address.slice(at + 1)) });
    const fail = (/** @type {string} */ reason) => {
      socket.destroy();
      reject(
        new SetupError(`Temporal is set to ${address} (TEMPORAL_ADDRESS or temporal.config.yaml), and ${reason}.`, [
          'start that server, or correct the address',
          'unset it, and a server of our own is started',
        ]),
      );
    };
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => fail('it does not answer'));
    socket.once('error', (error) => fail(`it can not be reached: ${error.message}`));
    socket.once('connect', () => resolve(socket.destroy()));
  });
  log(`✓ Temporal at ${address}, not ours`);
  return { address, uiUrl: null, pids: {} };
}

/**
 * The outside systems of the demonstration, unless the configuration names real ones.
 * @param {Context} context
 * @returns {Promise<{ env: NodeJS.ProcessEnv, pids: Record<string, number> }>}
 */
async function startFakes({ root, log, processes, config, choosePort }) {
  const { bankUrl, crmUrl, ordersUrl, paymentsUrl } = config.integrations;
  if ([bankUrl, crmUrl, ordersUrl, paymentsUrl].every((configured) => configured !== undefined))
    return { env: {}, pids: {} };
  const port = await choosePort('the fake outside systems', FAKES_PORT);
  const options = {
    name: 'fakes',
    command: process.execPath,
    args: ['--import', 'tsx', 'fakes/main.ts'],
    cwd: root,
    env: { ...process.env, FAKES_PORT: String(port) },
    logFile: join(config.home, 'fakes.log'),
  };
  const { said: url, pid } = await withProgress(
    { log, name: `fake bank, CRM, orders and payments on 127.0.0.1:${port}` },
    () => startUntilReady(processes, options, (line) => /^fakes listening on (\S+)/.exec(line)?.[1]),
  );
  const env = {
    COUNTERSIGN_BANK_URL: bankUrl ?? url,
    COUNTERSIGN_CRM_URL: crmUrl ?? url,
    COUNTERSIGN_ORDERS_URL: ordersUrl ?? url,
    COUNTERSIGN_PAYMENTS_URL: paymentsUrl ?? url,
  };
  return { env, pids: { fakes: pid } };
}

/**
 * With the embedded store: API and worker in one process, since the store has one owner.
 * @param {Context} context
 * @param {NodeJS.ProcessEnv} env
 */
async function startOne(context, env) {
  const { said: ready, pid } = await startProduct(context, { subcommand: 'start', name: 'API and worker', env });
  return { ready, pids: { app: pid } };
}

/**
 * With PostgreSQL: as in production, once the tables are there.
 * @param {Context} context
 * @param {NodeJS.ProcessEnv} env
 */
async function startTwo(context, env) {
  const { processes, log } = context;
  await withProgress({ log, name: 'the database has the current tables' }, async () => {
    const migration = await processes.start(productOptions(context, { subcommand: 'migrate', name: 'migration', env }));
    migration.isStopping = true;
    const reason = await migration.ended;
    if (!reason.endsWith('exit code 0.')) throw new SetupError([reason, ...migration.lastLines].join('\n'));
  });
  const [api, worker] = await Promise.all([
    startProduct(context, { subcommand: 'api', name: 'API', env }),
    startProduct(context, { subcommand: 'worker', name: 'worker', env }),
  ]);
  return { ready: api.said, pids: { api: api.pid, worker: worker.pid } };
}

/**
 * @param {Context} context
 * @param {{ subcommand: string, name: string, env: NodeJS.ProcessEnv }} options
 */
function startProduct(context, options) {
  const { processes, log } = context;
  const waiting = `starting ${options.name} (the first time, classifiers are trained)`;
  return withProgress({ log, name: `${options.name} ready`, waiting }, () =>
    startUntilReady(processes, productOptions(context, options), readyOf),
  );
}

/**
 * @param {Context} context
 * @param {{ subcommand: string, name: string, env: NodeJS.ProcessEnv }} options
 */
function productOptions({ root, config }, { subcommand, name, env }) {
  return {
    name,
    command: process.execPath,
    args: ['--import', 'tsx', 'cli/main.ts', subcommand],
    cwd: root,
    env,
    logFile: join(config.home, `${subcommand}.log`),
    graceMs: config.temporal.shutdownGraceSeconds * 1000 + CLOSING_MS,
  };
}

/**
 * @param {Context} context
 * @param {DevFile} devFile
 */
async function writeDevFile({ config, processes }, devFile) {
  const path = join(config.home, 'dev.json');
  await processes.removeAtEnd(path);
  mkdirSync(config.home, { recursive: true });
  writeFileSync(path, `${JSON.stringify(devFile, null, 2)}\n`, { mode: 0o600 });
  // The mode above holds for a new file only.
  chmodSync(path, 0o600);
}
