/**
 * LangGraph.js with PostgreSQL checkpoints, as its documentation shows: a thread for each task, `interrupt()` in a node of its own
 * so that nothing runs twice before it, resumed by `Command({ resume })` addressed to one interrupt, durability `sync`.
 */
import { Annotation, Command, END, Send, START, StateGraph, interrupt } from '@langchain/langgraph';
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres';
import pg from 'pg';
import { Refusal, callOutside, isValidOutput, openDoor } from '../door.mjs';

const RETRY = { maxAttempts: 3, initialInterval: 100, retryOn: () => true };

const State = Annotation.Root({
  task: Annotation(),
  round: Annotation(),
  guidance: Annotation(),
  proposed: Annotation(),
  decision: Annotation(),
  question: Annotation(),
  answer: Annotation(),
  item: Annotation(),
});

async function draft({ task, round = 0, guidance = null, answer = null }) {
  const next = round + 1;
  try {
    const { proposed } = await callOutside('/draft', { subject: task.subject, round: next, guidance, answer });
    return { round: next, proposed };
  } catch {
    // The provider is out: a person decides without a proposal.
    return { round: next, proposed: null };
  }
}

async function check({ task }) {
  if (task.isGated) await callOutside('/check', { subject: task.subject });
  return {};
}

/** Asks until what the person gives is valid, as the documentation's pattern for validation does. */
function review({ round, proposed }) {
  let problem = null;
  for (;;) {
    const decision = interrupt({ round, proposed, problem });
    if (decision.action !== 'correct' || isValidOutput(decision.output)) return { decision: { ...decision, round } };
    problem = 'the output is not valid';
  }
}

function ask() {
  return { answer: interrupt({ waitsFor: 'caller' }) };
}

async function reviewItem({ task, item, proposed }) {
  const decision = interrupt({ item, proposed });
  if (decision.action !== 'approve') return {};
  const key = `${task.subject}:effect:${item}`;
  await callOutside('/effect', { subject: task.subject, performed: proposed }, key);
  return {};
}

async function effect({ task, proposed, decision }) {
  const performed = decision.action === 'correct' ? decision.output : proposed;
  await callOutside('/effect', { subject: task.subject, performed }, `${task.subject}:effect`);
  await callOutside('/notice', { subject: task.subject, kind: 'done' }, `${task.subject}:done`);
  return {};
}

async function rejected({ task }) {
  await callOutside('/notice', { subject: task.subject, kind: 'rejected' }, `${task.subject}:rejected`);
  return {};
}

function afterCheck({ task }) {
  if (task.items === undefined) return 'review';
  return task.items.map((proposed, item) => new Send('reviewItem', { task, item, proposed }));
}

function afterReview({ decision }) {
  if (decision.action === 'revise') return 'revise';
  if (decision.action === 'ask') return 'ask';
  return decision.action === 'reject' ? 'rejected' : 'effect';
}

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
// A connection that the server ends while it is idle must not end the process.
pool.on('error', () => undefined);
const checkpointer = new PostgresSaver(pool);
await checkpointer.setup();

const graph = new StateGraph(State)
  .addNode('draft', draft)
  .addNode('check', check)
  .addNode('review', review)
  .addNode('revise', ({ decision }) => ({ guidance: decision.guidance ?? null }))
  .addNode('ask', ask)
  .addNode('reviewItem', reviewItem)
  .addNode('effect', effect, { retryPolicy: { ...RETRY, maxAttempts: 10 } })
  .addNode('rejected', rejected)
  .addEdge(START, 'draft')
  .addEdge('draft', 'check')
  .addConditionalEdges('check', afterCheck, ['review', 'reviewItem'])
  .addConditionalEdges('review', afterReview, ['revise', 'ask', 'effect', 'rejected'])
  .addEdge('revise', 'draft')
  .addEdge('ask', 'draft')
  .addEdge('effect', END)
  .addEdge('rejected', END)
  .addEdge('reviewItem', END)
  .compile({ checkpointer });

const configOf = (id) => ({ configurable: { thread_id: id }, durability: 'sync' });

async function interruptsOf(id) {
  const state = await graph.getState(configOf(id));
  return { state, open: state.tasks.flatMap((task) => task.interrupts ?? []) };
}

/** What a crash left unfinished is run on from its last checkpoint; nothing of the library does it by itself. */
async function resumeUnfinished() {
  for (const id of await allThreads()) {
    const { state, open } = await interruptsOf(id);
    if (state.next.length > 0 && open.length === 0) runInBackground(id, null);
  }
}

function runInBackground(id, input) {
  graph.invoke(input, configOf(id)).catch((error) => console.error(id, error.message));
}

async function drain(id, iterator) {
  try {
    while ((await iterator.next()).done !== true);
  } catch (error) {
    console.error(id, error.message);
  }
}

/** What somebody is told on whose draft a decision is kept, which may be theirs. */
function answerTo({ requestKey }, kept) {
  if (kept?.requestKey === requestKey) return { round: kept.round };
  throw new Refusal('this does not wait for a decision', { decidedBy: kept?.person });
}

async function allThreads() {
  const { rows } = await pool.query('select distinct thread_id from checkpoints');
  return rows.map(({ thread_id: id }) => id);
}

const isForReview = ({ value }) => value.waitsFor === undefined;

openDoor({
  start: async (task) => {
    const { values } = await graph.getState(configOf(task.subject));
    if (Object.keys(values).length > 0) return task.subject;
    // Its first event comes when the first checkpoint is kept: from then on the task can't be lost.
    const events = await graph.stream({ task }, { ...configOf(task.subject), streamMode: 'values' });
    const iterator = events[Symbol.asyncIterator]();
    await iterator.next();
    void drain(task.subject, iterator);
    return task.subject;
  },
  review: async ({ id }) => {
    const { open } = await interruptsOf(id);
    const shown = open.filter(isForReview).map(({ id: seen, value }) => ({ seen, ...value }));
    return shown.length === 0 ? null : shown;
  },
  decide: async ({ id, decision }) => {
    const { state, open } = await interruptsOf(id);
    const shown = open.find((each) => each.id === decision.seen);
    if (shown === undefined) return answerTo(decision, state.values?.decision);
    const values = await graph.invoke(new Command({ resume: { [decision.seen]: decision } }), configOf(id));
    // Of two at once each run has its own in hand; which one is kept, the thread says.
    const kept = (await graph.getState(configOf(id))).values.decision;
    if (kept?.round === shown.value.round) return answerTo(decision, kept);
    return { round: values.round ?? null };
  },
  answer: async ({ id, text }) => {
    const { open } = await interruptsOf(id);
    const asked = open.find((each) => !isForReview(each));
    if (asked === undefined) throw new Refusal('no question waits for an answer');
    await graph.invoke(new Command({ resume: { [asked.id]: text } }), configOf(id));
  },
  status: async ({ id }) => {
    const { state, open } = await interruptsOf(id);
    if (open.length > 0) return 'waiting';
    return state.next.length > 0 || Object.keys(state.values).length === 0 ? 'working' : 'ended';
  },
  // The library lists checkpoints by thread, so the application asks its table for the threads, and each for what it waits for.
  waiting: async () => {
    const threads = await allThreads();
    const states = await Promise.all(threads.map(interruptsOf));
    return threads.filter((_id, index) => states[index]?.open.some(isForReview));
  },
  // As if the node that ends a task had run: nothing comes after it.
  cancel: async ({ id }) => {
    await graph.updateState(configOf(id), { decision: null }, 'rejected');
  },
  // Time travel: a fork of the thread from the checkpoint before the draft.
  reset: async ({ id }) => {
    for await (const state of graph.getStateHistory(configOf(id))) {
      if (state.next.includes('draft') && state.values.round === undefined) {
        await graph.invoke(null, { ...state.config, durability: 'sync' });
        return id;
      }
    }
    throw new Refusal('there is no checkpoint before the draft');
  },
  trail: async ({ id }) => {
    const history = [];
    for await (const { values, createdAt } of graph.getStateHistory(configOf(id)))
      history.push(JSON.stringify({ decision: values.decision ?? null, createdAt }));
    return history;
  },
});
await resumeUnfinished();
