import { createHmac } from 'node:crypto';
import type { JsonObject, JsonValue } from '../contracts/digest';
import {
  type FakeAnswer,
  type FakeRequest,
  type FakeServer,
  type FakeSystem,
  fakeSystem,
  serveFakes,
} from './bankSystem';

const FIRST_TS = 1_790_000_000;

export interface FakeSlackMessage {
  readonly channel: string;
  readonly ts: string;
  /** As it is now; each change of it is in `versions`, oldest first. */
  readonly text: string;
  readonly blocks: readonly JsonValue[];
  readonly versions: readonly string[];
  /** Of a message below another: the other's. */
  readonly threadTs: string | null;
}

export interface FakeWhisper {
  readonly channel: string;
  readonly user: string;
  readonly text: string;
}

export interface FakeClick {
  readonly message: Pick<FakeSlackMessage, 'channel' | 'ts' | 'blocks'>;
  readonly user: string;
  /** The text on the button. */
  readonly button: string;
}

/** A request as Slack sends it for a click. */
export interface SlackDelivery {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface FakeSlack extends FakeServer, Pick<FakeSystem, 'behave' | 'requests'> {
  /** For `slackApiUrl`. */
  readonly apiUrl: string;
  readonly token: string;
  readonly signingSecret: string;
  readonly messages: readonly FakeSlackMessage[];
  readonly whispers: readonly FakeWhisper[];
  /** Answers every call of a method with this error, `channel_not_found` say; null ends it. */
  refuse(error: string | null): void;
  /** As somebody who deletes it. */
  remove(message: Pick<FakeSlackMessage, 'channel' | 'ts'>): void;
  /** A signed request for a click. Sending it twice is what Slack does when it got no answer in time. */
  click(click: FakeClick, at?: Date): SlackDelivery;
}

/** Slack's Web API as far as it is used here (chat.postMessage, chat.update, chat.postEphemeral), and what sends clicks. */
export async function startFakeSlack({ port = 0 }: { port?: number } = {}): Promise<FakeSlack> {
  const workspace = createWorkspace();
  const { serve, behave, requests } = fakeSystem('slack', (request) => workspace.answer(request));
  const server = await serveFakes(port, serve);
  return { ...server, apiUrl: `${server.url}/api/`, behave, requests, ...workspace };
}

type Messages = (FakeSlackMessage & { text: string; blocks: readonly JsonValue[]; versions: string[] })[];

function createWorkspace() {
  const messages: Messages = [];
  const whispers: FakeWhisper[] = [];
  const workspace = { messages, whispers, posted: 0 };
  const token = 'xoxb-fake-token';
  const signingSecret = 'fake-signing-secret';
  let refusal: string | null = null;
  const answer = (request: FakeRequest): FakeAnswer => {
    if (request.authorization !== `Bearer ${token}`) return said({ ok: false, error: 'invalid_auth' });
    if (refusal !== null) return said({ ok: false, error: refusal });
    return said(asked(request, workspace));
  };
  return {
    ...{ token, signingSecret, messages, whispers, answer },
    refuse: (error: string | null) => void (refusal = error),
    remove: (gone: Pick<FakeSlackMessage, 'channel' | 'ts'>) => {
      const index = messages.findIndex(({ channel, ts }) => channel === gone.channel && ts === gone.ts);
      if (index >= 0) messages.splice(index, 1);
    },
    click: (click: FakeClick, at = new Date()) => deliveryOf(click, { at, signingSecret }),
  };
}

function said(body: JsonObject): FakeAnswer {
  return { status: 200, body };
}

/** Arguments come as a form, whose values are JSON where they are no text. */
function asked(
  { path, body }: FakeRequest,
  to: { readonly messages: Messages; readonly whispers: FakeWhisper[]; posted: number },
): JsonObject {
  const form = Object.fromEntries(new URLSearchParams(body));
  const { channel = '', text = '', ts = '', user = '', thread_ts: threadTs = null } = form;
  const blocks = JSON.parse(form['blocks'] ?? '[]') as JsonValue[];
  switch (path) {
    case '/api/chat.postMessage': {
      // A message to a person goes to the conversation with them.
      const conversation = channel.replace(/^U/, 'D');
      const made = `${FIRST_TS + to.posted}.000100`;
      to.posted += 1;
      to.messages.push({ channel: conversation, ts: made, text, blocks, versions: [text], threadTs });
      return { ok: true, channel: conversation, ts: made };
    }
    case '/api/chat.update': {
      const message = to.messages.find((each) => each.channel === channel && each.ts === ts);
      if (!message) return { ok: false, error: 'message_not_found' };
      Object.assign(message, { text, blocks });
      message.versions.push(text);
      return { ok: true, channel, ts };
    }
    case '/api/chat.postEphemeral':
      to.whispers.push({ channel, user, text });
      return { ok: true, message_ts: `${FIRST_TS}.000200` };
    default:
      return { ok: false, error: 'unknown_method' };
  }
}

interface Button {
  readonly action_id: string;
  readonly value: string;
  readonly text: { readonly text: string };
}

/** The buttons that a message shows, by their text. */
export function buttonsOf({ blocks }: Pick<FakeSlackMessage, 'blocks'>): Readonly<Record<string, Button>> {
  const elements = blocks.flatMap((block) => {
    const { type, elements: inside } = block as unknown as { type: string; elements?: readonly Button[] };
    return type === 'actions' ? (inside ?? []) : [];
  });
  return Object.fromEntries(elements.map((each) => [each.text.text, each]));
}

function deliveryOf(
  { message, user, button }: FakeClick,
  { at, signingSecret }: { at: Date; signingSecret: string },
): SlackDelivery {
  const clicked = buttonsOf(message)[button];
  if (clicked === undefined) throw new Error(`the message has no button "${button}"`);
  const { action_id, value } = clicked;
  const payload = {
    type: 'block_actions',
    user: { id: user, username: 'somebody', team_id: 'T0FAKE' },
    channel: { id: message.channel, name: 'reviews' },
    container: { type: 'message', message_ts: message.ts, channel_id: message.channel },
    trigger_id: `${at.getTime()}.1`,
    actions: [{ type: 'button', action_id, block_id: 'b', value, action_ts: `${at.getTime() / 1000}` }],
  };
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signature = createHmac('sha256', signingSecret).update(`v0:${timestamp}:${body}`).digest('hex');
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'x-slack-request-timestamp': timestamp,
    'x-slack-signature': `v0=${signature}`,
  };
  return { body, headers };
}
