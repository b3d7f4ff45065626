import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { Worker } from '@temporalio/worker';
import { workflowIdOf } from '../../contracts/words/names';
import { workflowBundle } from '../../worker/worker';
import { ask } from '../api/testApi';
import type { TestBank } from './bank';

/** The history of a task's workflow, as Temporal has it. */
export async function historyOf({ dependencies, tenant }: TestBank, taskId: string) {
  return dependencies.client.workflow.getHandle(workflowIdOf(tenant, taskId)).fetchHistory();
}

export type History = Awaited<ReturnType<typeof historyOf>>;

/** Everything that a history says, as one text: its JSON, and all payloads decoded. */
export function textOfHistory(history: History): string {
  const json = historyToJSON(history);
  return [json, ...payloadsOf(JSON.parse(json) as Json)].join('\n');
}

/** A history's JSON, where payloads are base64 under `data`. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export function payloadsOf(json: Json): readonly string[] {
  if (json === null || typeof json !== 'object') return [];
  if (Array.isArray(json)) return json.flatMap((each: Json) => payloadsOf(each));
  return Object.entries(json).flatMap(([key, value]) =>
    key === 'data' && typeof value === 'string' ? [Buffer.from(value, 'base64').toString('utf8')] : payloadsOf(value),
  );
}

/** Replays the histories of all tasks so far on the current code. Gives what went wrong, by task; there must be some to replay. */
export async function replayFailures(bank: TestBank): Promise<Readonly<Record<string, string>>> {
  const { items } = (await ask(bank, 'GET /v1/tasks?limit=200', { key: await bank.key(['tasks:read']) })).body;
  const ids = (items as { id: string }[]).map(({ id }) => id);
  if (ids.length === 0) throw new Error('there is no history to replay');
  const histories = await Promise.all(ids.map(async (id) => ({ workflowId: id, history: await historyOf(bank, id) })));
  const failures: Record<string, string> = {};
  const results = Worker.runReplayHistories({ workflowBundle: await workflowBundle() }, histories);
  for await (const { workflowId, error } of results)
    if (error) failures[workflowId] = `${error.name}: ${error.message}`;
  return failures;
}
