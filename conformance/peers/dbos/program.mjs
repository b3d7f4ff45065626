/**
 * DBOS, as its documentation shows for people in the loop: `DBOS.recv` in the workflow with a topic for each draft, `DBOS.send` with
 * an idempotency key from the door, `DBOS.setEvent` for what a person sees, the workflow's id chosen by the caller.
 */
import { DBOS } from '@dbos-inc/dbos-sdk';
import { Refusal, callOutside, openDoor } from '../door.mjs';

const DAY_SECONDS = 86_400;
const EFFECT_RETRIES = { retriesAllowed: true, intervalSeconds: 0.2, backoffRate: 1.5, maxAttempts: 12 };

const topicOf = (round) => `round-${round}`;

async function draft(task, { round, guidance, answer }) {
  const work = () => callOutside('/draft', { subject: task.subject, round, guidance, answer });
  try {
    const { proposed } = await DBOS.runStep(work, { name: 'draft', retriesAllowed: true, intervalSeconds: 0.1 });
    return proposed;
  } catch {
    // The provider is out: a person decides without a proposal.
    return null;
  }
}

/** Waits as long as it takes; the task's reminder and fallback come on the way. Null: the fallback is due. */
async function decisionOn(task, topic) {
  const { remindAfterSeconds, fallbackAfterSeconds } = task;
  if (remindAfterSeconds !== undefined) {
    const early = await DBOS.recv(topic, remindAfterSeconds);
    if (early !== null) return early;
    await notice(task, 'reminder');
  }
  if (fallbackAfterSeconds !== undefined) return DBOS.recv(topic, fallbackAfterSeconds - (remindAfterSeconds ?? 0));
  for (;;) {
    const decision = await DBOS.recv(topic, DAY_SECONDS);
    if (decision !== null) return decision;
  }
}

function notice({ subject }, kind) {
  const work = () => callOutside('/notice', { subject, kind }, `${subject}:${kind}`);
  return DBOS.runStep(work, { name: kind, ...EFFECT_RETRIES });
}

function effect({ subject }, performed, name = 'effect') {
  const work = () => callOutside('/effect', { subject, performed }, `${subject}:${name}`);
  return DBOS.runStep(work, { name, ...EFFECT_RETRIES });
}

async function decideItems(task) {
  const shown = task.items.map((proposed, item) => ({ seen: `item-${item}`, item, proposed }));
  await DBOS.setEvent('review', shown);
  for (const { seen, proposed } of shown) {
    const decision = await decisionOn(task, seen);
    if (decision?.action === 'approve') await effect(task, proposed, seen);
  }
  await DBOS.setEvent('review', []);
}

async function carryOut(task, proposed, decision) {
  await DBOS.setEvent('review', []);
  await DBOS.setEvent('decision', decision);
  if (decision === null) return notice(task, 'fallback');
  if (decision.action === 'reject') return notice(task, 'rejected');
  await effect(task, decision.action === 'correct' ? decision.output : proposed);
  return notice(task, 'done');
}

async function run(task) {
  let guidance = null;
  let answer = null;
  for (let round = 1; ; round += 1) {
    const proposed = await draft(task, { round, guidance, answer });
    if (task.isGated) await DBOS.runStep(() => callOutside('/check', { subject: task.subject }), { name: 'check' });
    if (task.items !== undefined) return decideItems(task);
    await DBOS.setEvent('review', [{ seen: topicOf(round), round, proposed }]);
    const decision = await decisionOn(task, topicOf(round));
    if (decision?.action === 'revise') guidance = decision.guidance ?? null;
    else if (decision?.action === 'ask') answer = await decisionOn({}, 'answer');
    else return carryOut(task, proposed, decision);
    await DBOS.setEvent('review', []);
  }
}

const runTask = DBOS.registerWorkflow(run, { name: 'task' });

DBOS.setConfig({
  name: 'conformance',
  systemDatabaseUrl: process.env.DATABASE_URL,
  runAdminServer: false,
  logLevel: 'error',
});
await DBOS.launch();

const reviewOf = (id) => DBOS.getEvent(id, 'review', 0);
const isEnded = ({ status }) => !['PENDING', 'ENQUEUED', 'DELAYED'].includes(status);

async function statusOf(id) {
  const status = await DBOS.getWorkflowStatus(id);
  if (status === null) throw new Refusal('there is no such task');
  return status;
}

openDoor({
  start: async (task) => {
    await DBOS.startWorkflow(runTask, { workflowID: task.subject })(task);
    return task.subject;
  },
  review: async ({ id }) => {
    const shown = await reviewOf(id);
    return shown === null || shown.length === 0 || isEnded(await statusOf(id)) ? null : shown;
  },
  decide: async ({ id, decision }) => {
    const { requestKey, seen, ...given } = decision;
    if (isEnded(await statusOf(id))) {
      const taken = await DBOS.getEvent(id, 'decision', 0);
      // To send it again with its key would change nothing.
      if (taken?.requestKey === requestKey) return { sent: true };
      throw new Refusal('the task has ended', { decidedBy: taken?.person });
    }
    const shown = (await reviewOf(id)) ?? [];
    // Before the first draft there is nothing to compare with: the message waits until it is received.
    const isStale = shown.length > 0 && !shown.some((each) => each.seen === seen);
    if (isStale) throw new Refusal('this does not wait for a decision');
    await DBOS.send(id, { ...given, requestKey }, seen, requestKey);
    return { sent: true };
  },
  answer: async ({ id, text }) => DBOS.send(id, text, 'answer'),
  status: async ({ id }) => {
    if (isEnded(await statusOf(id))) return 'ended';
    return ((await reviewOf(id)) ?? []).length > 0 ? 'waiting' : 'working';
  },
  waiting: async () => {
    const pending = await DBOS.listWorkflows({ status: 'PENDING', workflowName: 'task' });
    const open = [];
    for (const { workflowID } of pending) if (((await reviewOf(workflowID)) ?? []).length > 0) open.push(workflowID);
    return open;
  },
  cancel: ({ id }) => DBOS.cancelWorkflow(id),
  reset: async ({ id }) => {
    if (!isEnded(await statusOf(id))) await DBOS.cancelWorkflow(id);
    await DBOS.rewindWorkflow(id, { startStep: 0 });
    return id;
  },
  trail: async ({ id }) => JSON.stringify(await DBOS.listWorkflowSteps(id)),
});
