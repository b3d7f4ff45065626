/**
 * DBOS, as its documentation shows for people in the loop: `DBOS.recv` in the workflow with a topic for each draft, `DBOS.send` with
 * an idempotency key from the door, `DBOS.setEvent` for what a person sees and for what each draft's decision is, which the door awaits
 * with `DBOS.getEvent` after it has sent one; the workflow's id chosen by the caller.
 */
import { DBOS } from '@dbos-inc/dbos-sdk';
import { Refusal, callOutside, isValidOutput, openDoor } from '../door.mjs';

const DAY_SECONDS = 86_400;
const EFFECT_RETRIES = { retriesAllowed: true, intervalSeconds: 0.2, backoffRate: 1.5, maxAttempts: 12 };

/** How long who has sent a decision waits to hear which one was taken. It is kept all the same. */
const ANSWER_SECONDS = 10;

const topicOf = (round) => `round-${round}`;
const takenOf = (topic) => `taken ${topic}`;
const isValid = ({ action, output }) => action !== 'correct' || isValidOutput(output);

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

/** The decision that is taken on a topic, published for all who sent one. Null: the fallback is due. */
async function takeDecision(task, topic) {
  let decision;
  do decision = await decisionOn(task, topic);
  while (decision !== null && !isValid(decision));
  await DBOS.setEvent(takenOf(topic), decision ?? { person: null, requestKey: null });
  return decision;
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
    const decision = await takeDecision(task, seen);
    if (decision?.action === 'approve') await effect(task, proposed, seen);
  }
  await DBOS.setEvent('review', []);
}

async function carryOut(task, proposed, decision) {
  await DBOS.setEvent('review', []);
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
    const decision = await takeDecision(task, topicOf(round));
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

async function takenBefore(id, seen) {
  const taken = await DBOS.getEvent(id, takenOf(seen), 0);
  if (taken === null) throw new Refusal('this does not wait for a decision');
  return taken;
}

/** What somebody is told who sent a decision: whose was taken, if it was not theirs. */
function answerTo({ requestKey }, taken) {
  if (taken.requestKey === requestKey) return { sent: true };
  throw new Refusal('this is decided', { decidedBy: taken.person });
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
    const { seen, ...given } = decision;
    if (!isValid(given)) throw new Refusal('the output is not valid');
    if (isEnded(await statusOf(id))) return answerTo(given, await takenBefore(id, seen));
    const shown = (await reviewOf(id)) ?? [];
    // Before the first draft there is nothing to compare with: the message waits until it is received.
    const isStale = shown.length > 0 && !shown.some((each) => each.seen === seen);
    if (isStale) return answerTo(given, await takenBefore(id, seen));
    await DBOS.send(id, given, seen, given.requestKey);
    const isWaiting = shown.length > 0;
    const taken = isWaiting ? await DBOS.getEvent(id, takenOf(seen), ANSWER_SECONDS) : null;
    return taken === null ? { sent: true } : answerTo(given, taken);
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
  trail: async ({ id }) => (await DBOS.listWorkflowSteps(id)).map((step) => JSON.stringify(step)),
});
