import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createApp } from './app';
import type { ApiDependencies } from './dependencies';
import type { EventOptions } from './events';

export interface RunningApi {
  /** Where this machine reaches it, without a slash at the end. */
  readonly url: string;
  /** Stops accepting, answers what is in flight and who waits, then ends. Safe to call twice. */
  close(): Promise<void>;
}

export interface ApiServerOptions {
  /** Takes the next free port where the configured one is taken, instead of failing with EADDRINUSE. Default false. */
  readonly orNextFreePort?: boolean;
  /** Bounds and intervals of event streams, where they differ from the defaults. */
  readonly events?: Partial<EventOptions>;
}

/** How long what is in flight may take when the process is asked to end. */
const CLOSE_GRACE_MS = 10_000;
const MAX_PORT_STEPS = 50;

/** Serves the HTTP interface on the configured host and port; port 0 takes a free one. */
export async function startApi(dependencies: ApiDependencies, options: ApiServerOptions = {}): Promise<RunningApi> {
  const { host, port } = dependencies.config.http;
  const { app, endWaits, settle } = createApp(dependencies, options.events);
  const server = createServer({ connectionsCheckingInterval: 5_000 }, app);
  bound(server);
  await listen(server, { host, port, stepsLeft: options.orNextFreePort === true ? MAX_PORT_STEPS : 0 });
  let closing: Promise<void> | null = null;
  const close = () => (closing ??= shutDown(server, endWaits).then(settle));
  return { url: urlOf(server, host), close };
}

/** A caller that sends or reads slowly holds a connection for so long, and no longer. The longest wait asked for is 60 s. */
function bound(server: Server): void {
  server.headersTimeout = 15_000;
  server.requestTimeout = 60_000;
  server.timeout = 120_000;
  server.keepAliveTimeout = 10_000;
}

interface Place {
  readonly host: string;
  readonly port: number;
  readonly stepsLeft: number;
}

async function listen(server: Server, { host, port, stepsLeft }: Place): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (error) {
    const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    if (!isTaken || stepsLeft === 0 || port === 65_535) throw error;
    await listen(server, { host, port: port + 1, stepsLeft: stepsLeft - 1 });
  }
}

/** An address that listens on everything is reached by loopback. */
function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

async function shutDown(server: Server, endWaits: () => void): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  endWaits();
  const patience = new AbortController();
  const late = sleep(CLOSE_GRACE_MS, undefined, { signal: patience.signal }).then(
    () => server.closeAllConnections(),
    () => undefined,
  );
  // Connections that are kept alive go idle one by one while what is in flight ends.
  const idle = setInterval(() => server.closeIdleConnections(), 100);
  await closed;
  clearInterval(idle);
  patience.abort();
  await late;
}
