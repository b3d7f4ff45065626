import { setTimeout as pause } from 'node:timers/promises';
import express from 'express';
import type { Request, Response, Router } from 'express';
import { z } from 'zod';
import { sha256Hex } from '../contracts/digest';
import { APPROVE_ACTION, DECLINE_ACTION, readToken, type SlackButton } from '../platform/notify/linkTokens';
import type { Slack } from '../platform/notify/slack';
import { appendAudit } from '../store/audit';
import { decideOnce } from './decideOnce';
import type { ApiDependencies } from './dependencies';
import { nowOf } from './dependencies';
import { callerInSlack } from './memberCaller';
import { ProblemError } from './problems';
import { readReviewed } from './reviewReading';
import { isFromSlack } from './slackSignature';

const MAX_BODY = '128kb';

/** The parts of a `block_actions` payload that are read; Slack sends more, and may send others. */
const clickSchema = z.object({
  type: z.literal('block_actions'),
  user: z.object({ id: z.string().min(1).max(40) }),
  channel: z.object({ id: z.string().min(1).max(40) }),
  actions: z
    .array(
      z.object({
        action_id: z.enum([APPROVE_ACTION, DECLINE_ACTION]),
        value: z.string().max(2_000),
        action_ts: z.string().max(40),
      }),
    )
    .length(1),
});

interface Click {
  readonly user: string;
  readonly conversation: string;
  readonly action: 'approve' | 'decline';
  readonly value: string;
  /** Slack's own time of the click: the same when it sends the click again. */
  readonly at: string;
}

/** Slack waits for three seconds, and then tells the person that something went wrong. */
const ANSWER_WITHIN_MS = 2_000;

/**
 * Where Slack sends clicks on the buttons of a message. It is answered when the click is decided, so that a click which is lost with this
 * process is one that Slack shows as failed; one that takes longer than Slack waits is answered before. The message is brought up to
 * date by the outbox, as for a decision from anywhere. What fails before the answer is answered as a problem, which Slack shows as
 * failed, too; what fails after it is told to the person. Gives what waits for decisions that are under way.
 */
export function mountSlackInteractions(
  router: Router,
  dependencies: ApiDependencies,
  slack: Slack | null,
): { settle(): Promise<void> } {
  const underWay = new Set<Promise<void>>();
  const raw = express.raw({ type: () => true, limit: MAX_BODY, inflate: false });
  router.post('/v1/slack/interactions', raw, async (request, response) => {
    const click = verifiedClick(dependencies, request);
    if (click === null || slack === null) return void response.status(200).end();
    const work = answer({ dependencies, slack, response }, click);
    underWay.add(work);
    await work.finally(() => underWay.delete(work));
  });
  return { settle: async () => void (await Promise.allSettled(underWay)) };
}

interface Answering {
  readonly dependencies: ApiDependencies;
  readonly slack: Slack;
  readonly response: Response;
}

/** Throws what went wrong only where nothing was answered yet. */
async function answer({ dependencies, slack, response }: Answering, click: Click): Promise<void> {
  const work = decide(dependencies, slack, click);
  const isDone = await isDoneSoon(work);
  response.status(200).end();
  if (isDone) return;
  await work.catch(async (error: unknown) => {
    dependencies.log.error({ err: error }, 'a click in Slack could not be dealt with after it was answered');
    await slack.whisper(click, NOT_KNOWN).catch(() => undefined);
  });
}

const NOT_KNOWN =
  'It is not known whether this was decided. Look at the message again: if its buttons are still there in a minute, click once more.';

async function isDoneSoon(work: Promise<void>): Promise<boolean> {
  const soon = new AbortController();
  const late = pause(ANSWER_WITHIN_MS, false, { signal: soon.signal }).catch(() => false);
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    soon.abort();
  }
}

/** Throws `route_unknown` without Slack, and `unauthenticated`. Null: from Slack, but no click on a button of ours. */
function verifiedClick({ config, clock }: ApiDependencies, request: Request): Click | null {
  const secret = config.notifications.slackSigningSecret;
  if (secret === undefined) throw new ProblemError('route_unknown');
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const signature = request.get('X-Slack-Signature');
  const timestamp = request.get('X-Slack-Request-Timestamp');
  if (!isFromSlack({ signature, timestamp, body }, secret, clock())) throw new ProblemError('unauthenticated');
  return clickOf(new URLSearchParams(body.toString('utf8')).get('payload') ?? '');
}

function clickOf(payload: string): Click | null {
  const parsed = clickSchema.safeParse(jsonOf(payload));
  const action = parsed.data?.actions[0];
  if (!parsed.success || action === undefined) return null;
  return {
    user: parsed.data.user.id,
    conversation: parsed.data.channel.id,
    action: action.action_id === APPROVE_ACTION ? 'approve' : 'decline',
    value: action.value,
    at: action.action_ts,
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function decide(dependencies: ApiDependencies, slack: Slack, click: Click): Promise<void> {
  const whisper = (text: string) => slack.whisper(click, text);
  const read = readToken(dependencies.keyring, click.value, 'slack');
  if (!read.isGenuine) return whisper('This button was not made by this installation. Nothing was changed.');
  const button = read.content;
  const caller = await callerInSlack(dependencies, { tenant: button.tenant, slackUserId: click.user });
  if (caller === null) {
    await recordStranger(dependencies, button, click);
    return whisper(
      'You are no member here, so you can not decide. An administrator can add your Slack id to a member.',
    );
  }
  const { reviewId, digest, round } = button;
  const body = { action: click.action, digest, round };
  const key = `slack ${click.at} ${sha256Hex(click.value).slice(0, 16)}`;
  try {
    await decideOnce(dependencies, { caller, reviewId, body, json: body, key, surface: 'slack' });
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    await whisper(refusalText(error));
  }
}

function refusalText({ message, particulars }: ProblemError): string {
  const { decidedByName, decidedAction, decidedAt, claimedByName, claimedUntil } = particulars.members ?? {};
  const facts = [
    decidedByName === undefined ? '' : `${String(decidedByName)}: ${String(decidedAction)}, at ${String(decidedAt)}.`,
    claimedByName === undefined ? '' : `${String(claimedByName)} holds it until ${String(claimedUntil)}.`,
  ];
  return [message, ...facts].filter((part) => part !== '').join(' ');
}

/** Who is no member is known by nothing but a name of Slack's, of which the trail keeps a hash. */
async function recordStranger(
  { store, clock, keyring }: ApiDependencies,
  { tenant, reviewId, digest }: SlackButton,
  { user, action, at }: Click,
): Promise<void> {
  await store.inTenant(tenant, async (tx) => {
    const row = await readReviewed(tx, reviewId);
    const key = `decision_refused/slack/${sha256Hex(`${user}\n${at}`)}`;
    const who = keyring.blindIndex(tenant, 'member slack', user);
    const facts = { code: 'member_unknown', action, digest, surface: 'slack', who };
    const event = { key, at: nowOf({ clock }), kind: 'decision_refused', actor: 'unknown', facts };
    await appendAudit(tx, { taskId: row.id, events: [event] });
  });
}
