import { randomUUID } from 'node:crypto';
import type { Driver } from './driver';

export interface Target {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly type: string;
  readonly input: (index: number) => unknown;
}

interface Row {
  readonly id: string;
  readonly taskId: string;
  readonly digest: string;
}

const INBOX_EVERY_MS = 15;
const WAIT_SECONDS = 60;

/**
 * Drives escalated tasks through HTTP alone: posted by a caller who waits, found by a reviewer who reads the inbox, approved.
 * One reader serves all cycles, as one person's screen would.
 */
export function countersignDriver(target: Target): Driver {
  const seen = new Set<string>();
  const waiting = new Map<string, (row: Row) => void>();
  let isOpen = true;
  let posted = 0;
  const reader = readInbox();

  async function readInbox(): Promise<void> {
    while (isOpen) {
      if (waiting.size > 0) for (const row of await openRows(target)) handOver(row);
      await pause(INBOX_EVERY_MS);
    }
  }

  function handOver(row: Row): void {
    const take = waiting.get(row.taskId);
    if (!take || seen.has(row.id)) return;
    seen.add(row.id);
    waiting.delete(row.taskId);
    take(row);
  }

  async function escalated(): Promise<{ row: Row; taskId: string }> {
    const { id } = await call<{ id: string }>(target, 'POST', '/v1/tasks', { type: target.type, input: target.input(posted++) });
    const row = await new Promise<Row>((resolve) => waiting.set(id, resolve));
    return { row, taskId: id };
  }

  const approve = (row: Row) => call(target, 'POST', `/v1/reviews/${row.id}/decision`, { action: 'approve', digest: row.digest });
  const finished = async (taskId: string) => {
    const task = await call<{ outcome: string }>(target, 'GET', `/v1/tasks/${taskId}?waitSeconds=${WAIT_SECONDS}`);
    if (task.outcome !== 'approved') throw new Error(`the task ended as ${task.outcome}`);
  };

  return {
    cycle: async () => {
      const { row, taskId } = await escalated();
      await Promise.all([approve(row), finished(taskId)]);
    },
    resume: async () => {
      const { row, taskId } = await escalated();
      const end = finished(taskId);
      const startedAt = performance.now();
      await approve(row);
      await end;
      return performance.now() - startedAt;
    },
    close: async () => {
      isOpen = false;
      await reader;
    },
  };
}

async function openRows(target: Target): Promise<readonly Row[]> {
  const { items } = await call<{ items: Row[] }>(target, 'GET', '/v1/reviews?status=open&limit=200&sort=-age');
  return items;
}

async function call<T>({ baseUrl, apiKey }: Target, method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(baseUrl + path, {
    method,
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', 'idempotency-key': randomUUID() },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
