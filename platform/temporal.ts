import { Client, Connection, isGrpcServiceError } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../contracts/words/names';
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

/** `INDEXED_VALUE_TYPE_KEYWORD` of the server's API. */
const KEYWORD = 2;
const ALREADY_EXISTS = 6;

/**
 * Makes the search attributes in the namespace where they are missing: a task can't be started without them. The dev server
 * takes them on its command line only for a namespace that is new.
 */
export async function ensureSearchAttributes(client: Client, namespace: string): Promise<void> {
  const { operatorService } = client.connection as Connection;
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const missing = Object.values(SEARCH_ATTRIBUTES).filter((name) => !(name in customAttributes));
  if (missing.length === 0) return;
  const searchAttributes = Object.fromEntries(missing.map((name) => [name, KEYWORD]));
  try {
    await operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (error) {
    // Another process made them in the meantime.
    if (!(isGrpcServiceError(error) && Number(error.code) === ALREADY_EXISTS)) throw error;
  }
}
