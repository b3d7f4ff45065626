/**
 * Restate, as its documentation shows for people in the loop: a workflow for each task, a durable promise for each draft, shared
 * handlers that resolve it and that read the workflow's state, ingress calls with an idempotency key.
 */
import { createServer } from 'node:http2';
import * as restate from '@restatedev/restate-sdk';
import * as clients from '@restatedev/restate-sdk-clients';
import { Refusal, callOutside, isValidOutput, openDoor } from '../door.mjs';

const { RESTATE_INGRESS_URL = '', RESTATE_ADMIN_URL = '', SERVICE_PORT = '0' } = process.env;
const CONFLICT = 409;
const RETRY = { initialRetryInterval: 100, maxRetryInterval: 1000 };

// Its package asks for Node 20 and uses this, which came with Node 22.
Promise.withResolvers ??= () => {
  let settle = {};
  const promise = new Promise((resolve, reject) => (settle = { resolve, reject }));
  return { promise, ...settle };
};

const topicOf = (round) => `round-${round}`;

async function draft(ctx, task, asked) {
  const work = () => callOutside('/draft', { subject: task.subject, ...asked });
  try {
    const { proposed } = await ctx.run('draft', work, { ...RETRY, maxRetryAttempts: 3 });
    return proposed;
  } catch (error) {
    if (error instanceof restate.CancelledError) throw error;
    // The provider is out: a person decides without a proposal.
    return null;
  }
}

/** Waits as long as it takes; the task's reminder and fallback come on the way. Null: the fallback is due. */
async function decisionOn(ctx, task, topic) {
  const { remindAfterSeconds, fallbackAfterSeconds } = task;
  const promise = ctx.promise(topic);
  if (remindAfterSeconds !== undefined) {
    const early = await withinSeconds(promise, remindAfterSeconds);
    if (early !== null) return early;
    await notice(ctx, task, 'reminder');
  }
  if (fallbackAfterSeconds === undefined) return promise;
  return withinSeconds(promise, fallbackAfterSeconds - (remindAfterSeconds ?? 0));
}

async function withinSeconds(promise, seconds) {
  try {
    return await promise.get().orTimeout({ seconds });
  } catch (error) {
    if (error instanceof restate.TimeoutError) return null;
    throw error;
  }
}

function notice(ctx, { subject }, kind) {
  const work = () => callOutside('/notice', { subject, kind }, `${subject}:${kind}`);
  return ctx.run(kind, work, RETRY);
}

function effect(ctx, { subject }, { performed, name = 'effect' }) {
  const work = () => callOutside('/effect', { subject, performed }, `${subject}:${name}`);
  return ctx.run(name, work, RETRY);
}

async function decideItems(ctx, task) {
  const shown = task.items.map((proposed, item) => ({ seen: `item-${item}`, item, proposed }));
  ctx.set('review', shown);
  for (const { seen, proposed } of shown) {
    const decision = await decisionOn(ctx, task, seen);
    if (decision?.action === 'approve') await effect(ctx, task, { performed: proposed, name: seen });
  }
  ctx.set('review', []);
}

async function carryOut(ctx, task, { proposed, decision }) {
  ctx.set('review', []);
  if (decision === null) return notice(ctx, task, 'fallback');
  if (decision.action === 'reject') return notice(ctx, task, 'rejected');
  await effect(ctx, task, { performed: decision.action === 'correct' ? decision.output : proposed });
  return notice(ctx, task, 'done');
}

async function run(ctx, task) {
  let guidance = null;
  let answer = null;
  for (let round = 1; ; round += 1) {
    const proposed = await draft(ctx, task, { round, guidance, answer });
    if (task.isGated) await ctx.run('check', () => callOutside('/check', { subject: task.subject }), RETRY);
    if (task.items !== undefined) return decideItems(ctx, task);
    ctx.set('review', [{ seen: topicOf(round), round, proposed }]);
    const decision = await decisionOn(ctx, task, topicOf(round));
    if (decision?.action === 'revise') guidance = decision.guidance ?? null;
    else if (decision?.action === 'ask') answer = await ctx.promise('answer');
    else return carryOut(ctx, task, { proposed, decision });
    ctx.set('review', []);
  }
}

/** Resolves the promise of the draft that was seen; whoever comes second is told who came first. */
async function decide(ctx, { seen, ...given }) {
  if (given.action === 'correct' && !isValidOutput(given.output))
    throw new restate.TerminalError('the output is not valid', { errorCode: 422 });
  const promise = ctx.promise(seen);
  const taken = await promise.peek();
  if (taken !== undefined) throw alreadyDecided(taken);
  // Before the first draft there is nothing to compare with: the promise keeps what comes early.
  const shown = await ctx.get('review');
  if (shown !== null && !shown.some((each) => each.seen === seen))
    throw new restate.TerminalError('this does not wait for a decision', { errorCode: CONFLICT });
  try {
    await promise.resolve(given);
  } catch (error) {
    const winner = await promise.peek();
    throw winner === undefined ? error : alreadyDecided(winner);
  }
  return { taken: true };
}

function alreadyDecided({ person }) {
  return new restate.TerminalError(`decidedBy=${person}`, { errorCode: CONFLICT });
}

const task = restate.workflow({
  name: 'Task',
  handlers: {
    run: async (ctx, given) => {
      try {
        return await run(ctx, given);
      } catch (error) {
        if (error instanceof restate.CancelledError) ctx.set('review', []);
        throw error;
      }
    },
    decide: restate.handlers.workflow.shared(decide),
    review: restate.handlers.workflow.shared((ctx) => ctx.get('review')),
    answer: restate.handlers.workflow.shared((ctx, text) => ctx.promise('answer').resolve(text)),
  },
});

const server = createServer(restate.createEndpointHandler({ services: [task], logger: quiet }));
await new Promise((resolve) => server.listen(Number(SERVICE_PORT), '127.0.0.1', () => resolve(undefined)));
// The same address at each start, so that what is under way goes on there.
await admin('POST', '/deployments', { uri: `http://127.0.0.1:${SERVICE_PORT}`, force: true });

async function admin(method, path, body) {
  const response = await fetch(RESTATE_ADMIN_URL + path, {
    method,
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`Restate answered ${response.status}: ${await response.text()}`);
  const text = await response.text();
  return text === '' ? null : JSON.parse(text);
}

const ingress = clients.connect({ url: RESTATE_INGRESS_URL });
const clientOf = (id) => ingress.workflowClient({ name: 'Task' }, id);

async function query(sql) {
  const { rows } = await admin('POST', '/query', { query: sql });
  return rows;
}

async function runOf(id) {
  const rows = await query(
    `select id, status from sys_invocation where target_service_name = 'Task' and target_handler_name = 'run' and target_service_key = '${id}'`,
  );
  return rows[0];
}

async function asRefusal(work) {
  try {
    return await work();
  } catch (error) {
    const status = error.status ?? error.statusCode;
    if (status !== CONFLICT && status !== 422 && status !== 404) throw error;
    const said = `${error.responseText ?? ''} ${error.message}`;
    throw new Refusal(said, { decidedBy: /decidedBy=(\w+)/.exec(said)?.[1] });
  }
}

/** What a journal's entry holds is given as numbers of bytes. */
function readable({ entry_type: type, name, appended_at: at, entry_json: entry }) {
  const bytes = /\[(\d+(?:,\d+)+)\]/g;
  const text = entry.replace(bytes, (_all, list) => Buffer.from(list.split(',').map(Number)).toString());
  return `${at} ${type} ${name ?? ''} ${text}`;
}

function quiet({ level }, ...words) {
  if (level === 'error') console.error(...words);
}

openDoor({
  start: async (given) => {
    await clientOf(given.subject).workflowSubmit(given);
    return given.subject;
  },
  review: async ({ id }) => {
    const shown = await clientOf(id).review();
    return shown === null || shown.length === 0 ? null : shown;
  },
  decide: ({ id, decision }) => {
    const { requestKey, ...given } = decision;
    return asRefusal(() => clientOf(id).decide(given, clients.rpc.opts({ idempotencyKey: requestKey })));
  },
  answer: ({ id, text }) => asRefusal(() => clientOf(id).answer(text)),
  status: async ({ id }) => {
    const { status } = (await runOf(id)) ?? {};
    if (status === 'completed') return 'ended';
    return ((await clientOf(id).review()) ?? []).length > 0 ? 'waiting' : 'working';
  },
  waiting: async () => {
    const rows = await query(
      `select service_key as id, value_utf8 as shown from state where service_name = 'Task' and key = 'review'`,
    );
    return rows.filter(({ shown }) => shown !== '[]').map(({ id }) => id);
  },
  cancel: async ({ id }) => {
    const { id: invocation } = await runOf(id);
    await admin('PATCH', `/invocations/${invocation}/cancel`);
  },
  trail: async ({ id }) => {
    const { id: invocation } = await runOf(id);
    const journal = await query(
      `select entry_type, name, appended_at, entry_json from sys_journal where id = '${invocation}'`,
    );
    return journal.map(readable);
  },
});
