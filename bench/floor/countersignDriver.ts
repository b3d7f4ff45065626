import { randomUUID } from 'node:crypto';
import type { Driver } from './driver';

export interface Target {
  readonly baseUrl: string;
  /** Of whoever decides: it must be somebody else than the one who posts. */
  readonly adminApiKey: string;
  readonly callerApiKey: string;
  readonly type: string;
  readonly input: (index: number) => unknown;
}

interface Row {
  readonly id: string;
  readonly taskId: string;
  readonly digest: string;
}

/** As a live screen would. */
const INBOX_EVERY_MS = 100;
const WAIT_SECONDS = 60;

/**
 * Drives escalated tasks through HTTP alone: posted by a caller who waits, found by a reviewer who reads the inbox, approved.
 * One reader serves all cycles, as one person's screen would.
 */
export function countersignDriver(target: Target): Driver {
  const inbox = readInbox(target);
  let posted = 0;

  async function escalated(): Promise<{ row: Row; taskId: string }> {
    const body = { type: target.type, input: target.input(posted++) };
    const { id } = await call<{ id: string }>(target, 'POST', '/v1/tasks', body);
    return { row: await inbox.rowOf(id), taskId: id };
  }

  return {
    cycle: async () => {
      const { row, taskId } = await escalated();
      await Promise.all([approve(target, row), finished(target, taskId)]);
    },
    resume: async () => {
      const { row, taskId } = await escalated();
      const end = finished(target, taskId);
      const startedAt = performance.now();
      await approve(target, row);
      await end;
      return performance.now() - startedAt;
    },
    close: () => inbox.close(),
  };
}

async function approve(target: Target, row: Row): Promise<void> {
  await call(target, 'POST', `/v1/reviews/${row.id}/decision`, { action: 'approve', digest: row.digest });
}

async function finished(target: Target, taskId: string): Promise<void> {
  const task = await call<{ outcome: string }>(target, 'GET', `/v1/tasks/${taskId}?waitSeconds=${WAIT_SECONDS}`);
  if (task.outcome !== 'approved') throw new Error(`the task ended as ${task.outcome}`);
}

/** Hands each row of the inbox to the cycle that waits for it. */
function readInbox(target: Target): { rowOf(taskId: string): Promise<Row>; close(): Promise<void> } {
  const waiting = new Map<string, (row: Row) => void>();
  let isOpen = true;
  const handOver = (row: Row) => {
    waiting.get(row.taskId)?.(row);
    waiting.delete(row.taskId);
  };
  const reading = (async () => {
    while (isOpen) {
      if (waiting.size > 0) for (const row of await openRows(target)) handOver(row);
      await pause(INBOX_EVERY_MS);
    }
  })();
  return {
    rowOf: (taskId) => new Promise((resolve) => waiting.set(taskId, resolve)),
    close: async () => {
      isOpen = false;
      await reading;
    },
  };
}

async function openRows(target: Target): Promise<readonly Row[]> {
  const { items } = await call<{ items: Row[] }>(target, 'GET', '/v1/reviews?status=open&limit=200&sort=-age');
  return items;
}

async function call<T>(target: Target, method: string, path: string, body?: unknown): Promise<T> {
  const { baseUrl, adminApiKey, callerApiKey } = target;
  const apiKey = path.startsWith('/v1/tasks') ? callerApiKey : adminApiKey;
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
