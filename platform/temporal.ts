import { Client, Connection } from '@temporalio/client';
import type { Config } from './config/config';

export type TemporalConfig = Pick<Config['temporal'], 'address' | 'namespace' | 'tls' | 'apiKey'>;

/** For `Connection` of clients and `NativeConnection` of workers alike. */
export function connectionOptionsOf({ address, tls, apiKey }: TemporalConfig) {
  return { address, tls, ...(apiKey === undefined ? {} : { apiKey }) };
}

/** Without a call of its own: a process starts whether or not Temporal can be reached, and says so when asked if it is ready. */
export function createTemporalClient(config: TemporalConfig): Client {
  const connection = Connection.lazy({ ...connectionOptionsOf(config), connectTimeout: CONNECT_TIMEOUT_MS });
  return new Client({ connection, namespace: config.namespace });
}

const CONNECT_TIMEOUT_MS = 5_000;
