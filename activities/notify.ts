import { Context } from '@temporalio/activity';
import { Webhook } from 'standardwebhooks';
import type { NotifyRequest, NotifyResult } from '../contracts/words/steps';
import { type GuardedResponse, OutboundRefusedError, sendGuarded } from '../platform/outbound';
import { recordDeliveryAttempt, webhookSecret } from '../store/webhooks';
import type { StepDependencies } from './dependencies';
import { webhookRefused, webhookUnanswered } from './failures';
import { loadSubmission } from './material';
import { webhookBody } from './webhookBody';

/**
 * Sends one event, signed by the Standard Webhooks scheme. Anything but a 2xx is tried again; an address that must not be
 * asked, or an answer 410 Gone, ends it.
 */
export async function notify(dependencies: StepDependencies, notice: NotifyRequest): Promise<NotifyResult> {
  const { callbackUrl } = await loadSubmission(dependencies, notice.ref);
  if (callbackUrl === null) return { result: 'refused', status: null };
  const answer = await send(dependencies, { notice, callbackUrl });
  const state = answer.status === 410 ? 'parked' : isSuccess(answer.status) ? 'delivered' : 'pending';
  await record(dependencies, notice, { state, status: answer.status });
  if (state === 'pending') throw webhookUnanswered(answer.status);
  return { result: state === 'delivered' ? 'delivered' : 'refused', status: answer.status };
}

export async function parkNotice(dependencies: StepDependencies, notice: NotifyRequest): Promise<void> {
  await record(dependencies, notice, { state: 'parked', status: null });
}

async function send(
  dependencies: StepDependencies,
  { notice, callbackUrl }: { notice: NotifyRequest; callbackUrl: string },
): Promise<Pick<GuardedResponse, 'status'>> {
  const { webhooks, clock } = dependencies;
  const body = await webhookBody(dependencies, notice);
  const id = `msg_${notice.ref.taskId.slice('tsk_'.length)}_${notice.key.replaceAll(/[^a-z0-9]/g, '_')}`;
  const headers = await sign(dependencies, { notice, id, at: clock(), body });
  try {
    return await sendGuarded({
      url: callbackUrl,
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
      policy: webhooks.outbound,
      timeoutSeconds: webhooks.timeoutSeconds,
      signal: Context.current().cancellationSignal,
    });
  } catch (error) {
    await record(dependencies, notice, {
      state: error instanceof OutboundRefusedError ? 'parked' : 'pending',
      status: null,
    });
    throw error instanceof OutboundRefusedError ? webhookRefused(error.why) : webhookUnanswered(null);
  }
}

interface Signed {
  readonly notice: NotifyRequest;
  readonly id: string;
  readonly at: Date;
  readonly body: string;
}

async function sign(
  { store, keyring }: StepDependencies,
  { notice, id, at, body }: Signed,
): Promise<Record<string, string>> {
  const secret = await store.inTenant(notice.ref.tenant, (tx) => webhookSecret(tx, keyring, at.toISOString()));
  const signature = new Webhook(secret, { format: 'raw' }).sign(id, at, body);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': signature,
  };
}

async function record(
  { store, clock }: StepDependencies,
  { ref, event, key }: NotifyRequest,
  { state, status }: { state: 'delivered' | 'pending' | 'parked'; status: number | null },
): Promise<void> {
  const attempt = { taskId: ref.taskId, event, key, state, status, at: clock().toISOString() };
  await store.inTenant(ref.tenant, (tx) => recordDeliveryAttempt(tx, attempt));
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}
