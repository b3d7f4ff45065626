import { setTimeout as sleep } from 'node:timers/promises';
import {
  Client,
  Connection,
  type GrpcRetryOptions,
  defaultGrpcRetryOptions,
  isGrpcServiceError,
  makeGrpcRetryInterceptor,
} from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../contracts/words/names';
import type { Config } from './config/config';

export type TemporalConfig = Pick<Config['temporal'], 'address' | 'namespace' | 'tls' | 'apiKey'>;

/** For `Connection` of clients and `NativeConnection` of workers alike. */
export function connectionOptionsOf({ address, tls, apiKey }: TemporalConfig) {
  return { address, tls, ...(apiKey === undefined ? {} : { apiKey }) };
}

const CONNECT_TIMEOUT_MS = 5_000;

/** Without a call of its own: a process starts whether or not Temporal can be reached, and says so when asked if it is ready. */
export function createTemporalClient(config: TemporalConfig): Client {
  const retries = watchedRetries();
  const connection = Connection.lazy({
    ...connectionOptionsOf(config),
    connectTimeout: CONNECT_TIMEOUT_MS,
    interceptors: [makeGrpcRetryInterceptor(retries.options)],
  });
  const client = new Client({ connection, namespace: config.namespace });
  retriesOf.set(client, retries);
  return client;
}

/**
 * Closes the client's connection. The SDK's retry of a call that failed trips over a channel that was closed meanwhile, and takes
 * the process with it; so no new retry begins, and those that are due, at most 6 s from now, are let begin first.
 */
export async function closeTemporalClient(client: Client): Promise<void> {
  await retriesOf.get(client)?.end();
  await client.connection.close();
}

interface WatchedRetries {
  readonly options: GrpcRetryOptions;
  end(): Promise<void>;
}

const retriesOf = new WeakMap<Client, WatchedRetries>();

/** The SDK's own rules of when to try again, and knowledge of when the last one that was planned begins. */
function watchedRetries(): WatchedRetries {
  const usual = defaultGrpcRetryOptions();
  let lastBeginsAt = 0;
  let isEnded = false;
  const options: GrpcRetryOptions = {
    retryableDecider: (attempt, status) => !isEnded && usual.retryableDecider(attempt, status),
    delayFunction: (attempt, status) => {
      const delayMs = usual.delayFunction(attempt, status);
      lastBeginsAt = Math.max(lastBeginsAt, Date.now() + delayMs);
      return delayMs;
    },
  };
  const end = async () => {
    isEnded = true;
    const leftMs = lastBeginsAt - Date.now();
    if (leftMs > 0) await sleep(leftMs + TIMER_SLACK_MS);
  };
  return { options, end };
}

/** Timers may fire a little late. */
const TIMER_SLACK_MS = 50;

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
