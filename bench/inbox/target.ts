import { randomUUID } from 'node:crypto';

export interface Target {
  readonly url: string;
  readonly key: string;
}

/** Asks one API: `call(target, 'POST /v1/tasks', body)`. Throws where the answer is a problem. */
export async function call<T>({ url, key }: Target, what: string, body?: object): Promise<T> {
  const [method = 'GET', where = '/'] = what.split(' ');
  const response = await fetch(url + where, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      'idempotency-key': randomUUID(),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${what} answered ${response.status}: ${text}`);
  return JSON.parse(text) as T;
}
