import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A webhook as it came in. */
export interface Received {
  readonly headers: Readonly<Record<string, string>>;
  /** As it was sent, for the signature. */
  readonly raw: string;
  readonly event: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test reads what it expects, and fails where it isn't there
  readonly data: any;
}

/** What the receiver does with a request: a status, or no answer at all. */
export type ReceiverBehaviour = number | 'hangs';

export interface Receiver {
  readonly url: string;
  readonly port: number;
  /** Oldest first, those that were answered badly too. */
  readonly received: readonly Received[];
  of(taskId: string): readonly Received[];
  /** What happens to the next requests, one each. The last one stays. Default 200. */
  behave(...behaviours: readonly [ReceiverBehaviour, ...ReceiverBehaviour[]]): void;
  close(): Promise<void>;
}

/** Somebody's server that takes webhooks, on loopback. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  let queue: ReceiverBehaviour[] = [200];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks).toString('utf8');
      const { type, data } = JSON.parse(raw) as { type: string; data: unknown };
      received.push({ headers: request.headers as Record<string, string>, raw, event: type, data });
      const behaviour = queue.length > 1 ? queue.shift() : queue[0];
      if (typeof behaviour === 'number') response.writeHead(behaviour).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP server that listens has one
  return {
    url: `http://127.0.0.1:${port}/hook`,
    port,
    received,
    of: (taskId) => received.filter(({ data }) => data.id === taskId),
    behave: (...behaviours) => void (queue = [...behaviours]),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
