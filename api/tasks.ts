import { cancelTask, getTask, getTimeline, listTasks, postTask } from '../contracts/http/tasks';
import { CANCEL_UPDATE } from '../contracts/words/review';
import type { CancelRequest } from '../contracts/words/review';
import { listTasks as listRows, readTask } from '../store/tasks';
import type { TaskRow } from '../store/taskRow';
import type { TaskFilter } from '../store/tasks';
import { accept } from './acceptTask';
import type { Caller } from './caller';
import type { ApiDependencies } from './dependencies';
import { idempotencyKeyOf } from './idempotencyKey';
import { ProblemError } from './problems';
import { mount } from './route';
import type { Call, Door } from './route';
import { keepSaid } from './said';
import { startTask } from './startTask';
import { readTaskAnswer, taskUrl } from './taskAnswer';
import type { TaskAnswer } from './taskAnswer';
import { requireTask } from './taskReading';
import { stepSentence } from './stepSentences';
import { updateTask } from './updateTask';
import type { Waiters } from './waiters';

export function mountTasks(door: Door, dependencies: ApiDependencies, waiters: Waiters): void {
  mount(door, postTask, (call) => post(dependencies, waiters, call));
  mount(door, listTasks, (call) => list(dependencies, call));
  mount(door, getTask, async (call) => ({ status: 200 as const, body: await waitForEnd(dependencies, waiters, call) }));
  mount(door, getTimeline, (call) => timeline(dependencies, call));
  mount(door, cancelTask, (call) => cancel(dependencies, call));
}

/** How long a task that was posted before is left to the request that posted it. */
const START_GRACE_MS = 2_000;

async function post(dependencies: ApiDependencies, waiters: Waiters, call: Call<typeof postTask>) {
  const key = idempotencyKeyOf(call.headers);
  const { isNew, row } = await accept(dependencies, call, key);
  const ageMs = dependencies.clock().getTime() - Date.parse(row.createdAt);
  if (row.startedAt === null && (isNew || ageMs > START_GRACE_MS))
    await startIfPossible(dependencies, call.caller.tenant, row);
  const body = await waitForEnd(dependencies, waiters, { ...call, params: { taskId: row.id } });
  const headers = {
    Location: taskUrl(dependencies, row.id),
    'Idempotency-Key': key,
    ...(isNew ? {} : { 'Idempotent-Replayed': 'true' }),
  };
  const isEnded = body.status === 'completed' && call.query.waitSeconds > 0;
  return isEnded ? { status: 200 as const, headers, body } : { status: 202 as const, headers, body };
}

/** The task is kept already: where Temporal can't be reached, the sweeper starts it later. */
async function startIfPossible(dependencies: ApiDependencies, tenant: string, row: TaskRow): Promise<void> {
  try {
    await startTask(dependencies, tenant, row);
  } catch (error) {
    dependencies.log.warn({ err: error, taskId: row.id }, 'a task was accepted and could not be started yet');
  }
}

interface Waiting {
  readonly params: { readonly taskId: string };
  readonly query: { readonly waitSeconds: number };
  readonly caller: Call<typeof getTask>['caller'];
  readonly gone: AbortSignal;
}

/** Reads the texts once only: when the task has ended, or the time is over. */
async function waitForEnd(dependencies: ApiDependencies, waiters: Waiters, call: Waiting): Promise<TaskAnswer> {
  const { store } = dependencies;
  const { tenant } = call.caller;
  const { taskId } = call.params;
  const seconds = call.query.waitSeconds;
  const read = () =>
    store.inTenant(tenant, async (tx) => {
      const row = await readTask(tx, taskId);
      if (row === null) throw new ProblemError('task_unknown');
      const isLast = row.status === 'completed' || seconds === 0;
      return { row, answer: isLast ? await readTaskAnswer(dependencies, tx, row) : null };
    });
  const isEnough = ({ answer }: { answer: TaskAnswer | null }) => answer !== null;
  const { row, answer } = await waiters.until({ tenant, taskId, seconds, gone: call.gone, read, isEnough });
  return answer ?? store.inTenant(tenant, (tx) => readTaskAnswer(dependencies, tx, row));
}

async function list(dependencies: ApiDependencies, { caller, query }: Call<typeof listTasks>) {
  const { limit, cursor } = query;
  const filter = { ...filterOf(dependencies, caller.tenant, query), withGold: seesGold(caller) };
  return dependencies.store.inTenant(caller.tenant, async (tx) => {
    const page = await listRows(tx, { ...filter, limit, cursor });
    const items: TaskAnswer[] = [];
    for (const row of page.items) items.push(await readTaskAnswer(dependencies, tx, row));
    return { status: 200 as const, body: { items, nextCursor: page.nextCursor } };
  });
}

/** To who reviews, gold is a task like any other; to callers it is none, since nobody posted it. */
function seesGold({ actor }: Caller): boolean {
  return actor.scopes.includes('reviews:read');
}

function filterOf({ keyring }: ApiDependencies, tenant: string, query: Call<typeof listTasks>['query']): TaskFilter {
  const { status, type, class: className, outcome, reason, reference, subject, from, to } = query;
  return {
    ...(status && { status }),
    ...(type !== undefined && { type }),
    ...(className !== undefined && { class: className }),
    ...(outcome && { outcome }),
    ...(reason && { reason }),
    ...(subject !== undefined && { subjectIndex: keyring.blindIndex(tenant, 'subject', subject) }),
    ...(reference !== undefined && { referenceIndex: keyring.blindIndex(tenant, 'reference', reference) }),
    ...(from !== undefined && { from: new Date(from).toISOString() }),
    ...(to !== undefined && { to: new Date(to).toISOString() }),
  };
}

async function timeline(dependencies: ApiDependencies, { caller, params }: Call<typeof getTimeline>) {
  const { id, state } = await requireTask(dependencies, caller.tenant, params.taskId);
  const steps = (state?.steps ?? []).map((step) => ({ ...step, result: stepSentence(step) }));
  return { status: 200 as const, body: { taskId: id, steps } };
}

async function cancel(dependencies: ApiDependencies, { caller, params, body }: Call<typeof cancelTask>) {
  const { store } = dependencies;
  const row = await requireTask(dependencies, caller.tenant, params.taskId);
  const reason =
    body.reason === undefined
      ? null
      : await keepSaid(dependencies, 'cancellation', { tenant: caller.tenant, taskId: row.id, text: body.reason });
  const request: CancelRequest = { actor: caller.actor, reason };
  await updateTask<void>(dependencies, caller.tenant, { row, update: CANCEL_UPDATE, request });
  const answer = await store.inTenant(caller.tenant, async (tx) => {
    const after = (await readTask(tx, row.id)) ?? row;
    return readTaskAnswer(dependencies, tx, after);
  });
  return { status: 202 as const, body: answer };
}
