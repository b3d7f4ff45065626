import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import type { History, Json } from '../support/history';

/** A history as it is kept: one event a line, without what tells on which machine it was made. */
export function recordingOf(history: History): string {
  const { events } = withoutMachine(JSON.parse(historyToJSON(history)) as Json) as { readonly events: readonly Json[] };
  return `{"events":[\n${events.map((event) => JSON.stringify(event)).join(',\n')}\n]}\n`;
}

const MACHINE: Readonly<Record<string, string>> = { identity: 'recorder', stackTrace: '' };

function withoutMachine(json: Json): Json {
  if (json === null || typeof json !== 'object') return json;
  if (Array.isArray(json)) return json.map((each: Json) => withoutMachine(each));
  const kept = Object.entries(json).map(([key, value]) => [key, MACHINE[key] ?? withoutMachine(value)]);
  const made = Object.fromEntries(kept) as { readonly [key: string]: Json };
  // A worker's own queue is named after its process and host.
  return made['kind'] === 'TASK_QUEUE_KIND_STICKY' ? { ...made, name: 'sticky' } : made;
}
