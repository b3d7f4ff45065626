import {
  type KnownBlock,
  LogLevel,
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebClient,
} from '@slack/web-api';
import { SendingError } from './SendingError';

const TIMEOUT_MS = 10_000;
const MAX_AT_ONCE = 5;

export interface SlackContent {
  /** What a notification shows. */
  readonly text: string;
  readonly blocks: KnownBlock[];
}

/** Where a message is. */
export interface SlackPlace {
  readonly conversation: string;
  readonly ts: string;
}

/** What this product asks of Slack's Web API. Each call is made once; throws a SendingError. */
export interface Slack {
  /** To a channel, or to a person by their id. */
  post(conversation: string, content: SlackContent): Promise<SlackPlace>;
  /** False where the message is not there any more, or can't be changed. */
  update(place: SlackPlace, content: SlackContent): Promise<boolean>;
  /** Below a message, and shown in its conversation, too. False where the message is not there any more. */
  reply(place: SlackPlace, text: string): Promise<boolean>;
  /** Seen by one person only. */
  whisper(to: { readonly conversation: string; readonly user: string }, text: string): Promise<void>;
}

export interface SlackApp {
  readonly token: string;
  readonly apiUrl: string;
  /** Of one call. Default 10 s. */
  readonly timeoutMs?: number;
}

export function createSlack({ token, apiUrl, timeoutMs = TIMEOUT_MS }: SlackApp): Slack {
  const client = new WebClient(token, {
    slackApiUrl: apiUrl,
    // The outbox retries, and nothing else.
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: timeoutMs,
    maxRequestConcurrency: MAX_AT_ONCE,
    allowAbsoluteUrls: false,
    logger: SILENT,
  });
  return {
    post: (channel, { text, blocks }) =>
      asked(async () => {
        const posted = await client.chat.postMessage({
          channel,
          text,
          blocks,
          unfurl_links: false,
          unfurl_media: false,
        });
        if (posted.channel === undefined || posted.ts === undefined) throw new SendingError('not_accepted');
        return { conversation: posted.channel, ts: posted.ts };
      }),
    update: ({ conversation, ts }, { text, blocks }) =>
      unlessGone(() => client.chat.update({ channel: conversation, ts, text, blocks })),
    reply: ({ conversation, ts }, text) =>
      unlessGone(() => client.chat.postMessage({ channel: conversation, text, thread_ts: ts, reply_broadcast: true })),
    whisper: ({ conversation, user }, text) =>
      asked(async () => void (await client.chat.postEphemeral({ channel: conversation, user, text }))),
  };
}

/** What Slack says of a message that somebody deleted, or that nobody can change any more. */
const GONE = new Set(['message_not_found', 'thread_not_found', 'cant_update_message', 'edit_window_closed']);

function unlessGone(call: () => Promise<unknown>): Promise<boolean> {
  return asked(async () => {
    try {
      await call();
      return true;
    } catch (error) {
      if (error instanceof WebAPIPlatformError && GONE.has(error.data.error)) return false;
      throw error;
    }
  });
}

async function asked<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw error instanceof SendingError ? error : sendingErrorOf(error);
  }
}

function sendingErrorOf(error: unknown): SendingError {
  if (error instanceof WebAPIRateLimitedError) return new SendingError('rate_limited', error.retryAfter);
  if (error instanceof WebAPIPlatformError || error instanceof WebAPIHTTPError)
    return new SendingError('not_accepted', null, { cause: error });
  // The client tells what `fetch` threw by its message only.
  const isLate = error instanceof Error && error.message.includes('aborted due to timeout');
  return new SendingError(isLate ? 'timeout' : 'unreachable', null, { cause: error });
}

/** What fails is told by errors; the client's own lines would go to the console. */
const SILENT = {
  ...{ debug: nothing, info: nothing, warn: nothing, error: nothing, setLevel: nothing, setName: nothing },
  getLevel: () => LogLevel.ERROR,
};

function nothing(): void {}
