/**
 * A hundred callers at once, each posting and waiting in one call, on an installation as `npm start` makes it. The class they ask about runs
 * alone; what the audit lottery draws is approved by a reviewer meanwhile. `--callers 100 --rounds 5`.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startInstallation } from '../scripts/setup/installation.mjs';
import { Processes } from '../scripts/setup/Processes.mjs';
import { quantile, report, round } from './report';

const ROOT = path.join(__dirname, '..');
const WAIT_SECONDS = 60;
const INBOX_EVERY_MS = 100;
const GRANTS = [{ type: 'bank-support', class: 'exchange_rate', threshold: 0.5, auditRate: 0.01 }];

interface Target {
  readonly baseUrl: string;
  readonly apiKey: string;
}

interface Seen {
  readonly seconds: number;
  /** The outcome, or what went wrong. */
  readonly result: string;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { callers: { type: 'string', default: '100' }, rounds: { type: 'string', default: '5' } },
  });
  const [callers, rounds] = [Number(values.callers), Number(values.rounds)];
  const home = mkdtempSync(path.join(tmpdir(), 'countersign-callers-'));
  Object.assign(process.env, { COUNTERSIGN_HOME: home, COUNTERSIGN_GRANTS: JSON.stringify(GRANTS) });
  const processes = new Processes();
  try {
    const started = await startInstallation({ root: ROOT, log: console.error, processes });
    const { baseUrl, adminApiKey, callerApiKey } = started;
    const target = { baseUrl, apiKey: callerApiKey };
    const reviewer = startReviewer({ baseUrl, apiKey: adminApiKey });
    const seen: Seen[] = [];
    for (let index = 0; index < rounds; index += 1) {
      seen.push(...(await Promise.all(Array.from({ length: callers }, () => post(target)))));
    }
    await reviewer.stop();
    tell(seen, { callers, rounds });
  } finally {
    await processes.stopAll();
    rmSync(home, { recursive: true, force: true });
  }
}

function tell(seen: readonly Seen[], counts: { callers: number; rounds: number }): void {
  const store = process.env.DATABASE_URL === undefined ? 'embedded' : 'postgres';
  const seconds = seen.map((each) => each.seconds);
  const failed = seen.filter(({ result }) => result !== 'answered' && result !== 'approved');
  for (const result of new Set(failed.map((each) => each.result))) console.error(`failed: ${result}`);
  const sampledForAudit = seen.filter(({ result }) => result === 'approved').length;
  const p50Seconds = round(quantile(seconds, 0.5));
  const p95Seconds = round(quantile(seconds, 0.95));
  const figures = {
    store,
    ...counts,
    calls: seen.length,
    p50Seconds,
    p95Seconds,
    sampledForAudit,
    errors: failed.length,
  };
  report('callers', figures, { errors: { seen: failed.length, atMost: 0 } });
}

async function post(target: Target): Promise<Seen> {
  const startedAt = performance.now();
  const input = { message: 'What is your exchange rate for euros today?', customerId: 'cus_1001' };
  const result = await call(target, `POST /v1/tasks?waitSeconds=${WAIT_SECONDS}`, { type: 'bank-support', input }).then(
    ({ outcome }) => String(outcome),
    (error: unknown) => String(error),
  );
  return { seconds: (performance.now() - startedAt) / 1000, result };
}

/** Approves what is put to review, until it is stopped. */
function startReviewer(target: Target): { stop(): Promise<void> } {
  let isOpen = true;
  const work = async () => {
    while (isOpen) {
      const { items } = (await call(target, 'GET /v1/reviews?status=open')) as {
        items: { id: string; digest: string }[];
      };
      for (const { id, digest } of items)
        await call(target, `POST /v1/reviews/${id}/decision`, { action: 'approve', digest });
      await new Promise((resolve) => setTimeout(resolve, INBOX_EVERY_MS));
    }
  };
  const working = work();
  const stop = async () => {
    isOpen = false;
    await working;
  };
  return { stop };
}

async function call({ baseUrl, apiKey }: Target, what: string, body?: object): Promise<Record<string, unknown>> {
  const [method = 'GET', where = '/'] = what.split(' ');
  const response = await fetch(baseUrl + where, {
    method,
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', 'idempotency-key': randomUUID() },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${what} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Record<string, unknown>;
}

void main();
