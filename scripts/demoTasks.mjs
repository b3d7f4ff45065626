/**
 * The sample tasks of `npm run demo`: posts them as a backend service would, waits until each is answered or with a person, approves
 * one review and corrects another as the local administrator, and leaves the rest in the inbox. Idempotency keys are always the
 * same, so that running it again posts nothing twice.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { DEMO_TASKS } from './demoTaskList.mjs';

const WAIT_MS = 90_000;
const POLL_MS = 200;
const REQUEST_MS = 70_000;
const MICRO_USD = 1_000_000;

/**
 * The classes that the demonstration's owner lets run alone, for COUNTERSIGN_GRANTS: harmless, and the same for everyone. One in ten
 * goes to a person all the same.
 */
export const DEMO_GRANTS = [
  { type: 'bank-support', class: 'exchange_rate', threshold: 0.8, auditRate: 0.1 },
  { type: 'bank-support', class: 'contactless_limit', threshold: 0.8, auditRate: 0.1 },
];

/**
 * @typedef {{ id: string, status: string, outcome: string | null, output: any, class: { name: string } | null, confidence: { score:
 *   number } | null, reasons: string[], cost: { totalMicroUsd: number }, review: { id: string, status: string } | null }} Task
 * @typedef {(method: string, path: string, options?: { body?: unknown, key?: string }) => Promise<any>} Call
 * @typedef {{ sample: import('./demoTaskList.mjs').DemoTask, task: Task }} Posted
 */

/**
 * Throws where the API refuses a sample task or one gets no end in time: then the demonstration has failed.
 * @param {{ baseUrl: string, adminApiKey: string, callerApiKey: string, log: (line: string) => void }} options
 */
export async function runDemoTasks({ baseUrl, adminApiKey, callerApiKey, log }) {
  const call = asking(baseUrl, adminApiKey);
  const callAsCaller = asking(baseUrl, callerApiKey);
  log(`\nPosting ${DEMO_TASKS.length} sample tasks:\n`);
  const posted = await Promise.all(DEMO_TASKS.map((sample) => post(callAsCaller, sample)));
  for (const each of posted) log(lineOf(each));
  log('\nA person decides (here the demonstration, with the same API):\n');
  await decide(call, posted, { key: 'balance', log, decisionOf: approval });
  await decide(call, posted, { key: 'invoice-wrong-total', log, decisionOf: correction });
  log(await summary(call, posted, baseUrl));
}

/**
 * @param {string} baseUrl
 * @param {string} apiKey
 * @returns {Call}
 */
function asking(baseUrl, apiKey) {
  return async (method, path, { body, key } = {}) => {
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_MS),
    });
    if (!response.ok)
      throw new Error(`${method} ${path} was refused with ${response.status}: ${await response.text()}`);
    return response.json();
  };
}

/**
 * @param {Call} call
 * @param {import('./demoTaskList.mjs').DemoTask} sample
 * @returns {Promise<Posted>}
 */
async function post(call, sample) {
  const { type, input, subject, key } = sample;
  const body = { type, input, subject, reference: `demo/${key}` };
  const { id } = await call('POST', '/v1/tasks', { body, key: `demo-1-${key}` });
  return { sample, task: await untilSettled(call, id) };
}

/**
 * The task once it is completed or with a person.
 * @param {Call} call
 * @param {string} id
 * @returns {Promise<Task>}
 */
async function untilSettled(call, id) {
  for (const end = Date.now() + WAIT_MS; Date.now() < end; await sleep(POLL_MS)) {
    const task = await call('GET', `/v1/tasks/${id}`);
    if (task.status !== 'running') return task;
  }
  throw new Error(`the task ${id} is still running after ${WAIT_MS / 1_000} s: is a worker up? See its timeline.`);
}

/** @param {Posted} posted */
function lineOf({ sample, task }) {
  const { outcome, class: named, confidence, cost, reasons } = task;
  const mark = outcome === null ? '…' : '✓';
  const end = (outcome ?? 'waiting').padEnd(10);
  const name = (named?.name ?? '-').padEnd(19);
  const score = confidence === null ? '  - ' : confidence.score.toFixed(2);
  const usd = (cost.totalMicroUsd / MICRO_USD).toFixed(4);
  const why = outcome === null ? `\n      because ${reasons.join(', ')}` : '';
  return `  ${mark} ${end} ${name} confidence ${score}  ${usd} USD  ${titleOf(sample)}${why}`;
}

/** @param {import('./demoTaskList.mjs').DemoTask} sample */
function titleOf({ title, input }) {
  const text = title ?? input.message ?? '';
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/**
 * @param {Call} call
 * @param {readonly Posted[]} posted
 * @param {{ key: string, log: (line: string) => void, decisionOf: (review: any) => Record<string, unknown> | null }} options
 */
async function decide(call, posted, { key, log, decisionOf }) {
  const found = posted.find(({ sample }) => sample.key === key);
  if (!found || found.task.status !== 'waiting_for_review' || !found.task.review) {
    log(`  ${key} is not waiting any more: ${found?.task.outcome ?? 'nobody posted it'}.`);
    return;
  }
  const review = await call('GET', `/v1/reviews/${found.task.review.id}`);
  const decision = decisionOf(review);
  if (!decision) {
    log(`  ${key} has no draft that could be decided on here; it stays in the inbox.`);
    return;
  }
  const body = { ...decision, digest: review.digest };
  await call('POST', `/v1/reviews/${review.id}/decision`, { body, key: `demo-1-decision-${key}` });
  found.task = await call('GET', `/v1/tasks/${found.task.id}?waitSeconds=30`);
  log(lineOf(found));
}

/** @param {any} review */
function approval({ draft }) {
  return draft ? { action: 'approve' } : null;
}

/**
 * The total that net and tax make, in place of the one that is printed.
 * @param {any} review
 */
function correction({ draft }) {
  const { net, tax } = draft?.output ?? {};
  if (typeof net !== 'string' || typeof tax !== 'string') return null;
  const total = (Number(net) + Number(tax)).toFixed(2);
  const note = 'The printed total is not net and tax; the supplier confirmed it.';
  return { action: 'correct', output: { ...draft.output, total }, note };
}

/**
 * @param {Call} call
 * @param {readonly Posted[]} posted
 * @param {string} baseUrl
 */
async function summary(call, posted, baseUrl) {
  const waiting = posted.filter(({ task }) => task.status === 'waiting_for_review');
  const ended = posted.length - waiting.length;
  const alone = posted.filter(({ task }) => task.outcome === 'answered').length;
  const counts = `${posted.length} tasks: ${ended} completed (${alone} alone), ${waiting.length} waiting for a person.`;
  const reviewId = waiting.find(({ task }) => task.review)?.task.review?.id;
  if (reviewId === undefined) return `\n${counts}\n\nNext:\n\n  npx countersign inbox`;
  const { digest } = await call('GET', `/v1/reviews/${reviewId}`);
  return `
${counts}

Next, in another terminal in this folder:

  npx countersign inbox

  KEY=$(node -p "require('./.countersign/dev.json').adminApiKey")
  curl -s ${baseUrl}/v1/reviews/${reviewId} -H "authorization: Bearer $KEY"

  curl -s ${baseUrl}/v1/reviews/${reviewId}/decision -H "authorization: Bearer $KEY" \\
    -H 'content-type: application/json' -H 'idempotency-key: my-first-decision' \\
    -d '{"action":"decline","digest":"${digest}","reasonCode":"tried_it"}'`;
}
