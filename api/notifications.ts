import { listNotifications, retryNotification } from '../contracts/http/notifications';
import { createSlack } from '../platform/notify/slack';
import { listNotifications as listRows, type NotificationRow, retryNotification as retryRow } from '../store/outbox';
import { mountDecisionLinks } from './decisionLink';
import type { ApiDependencies } from './dependencies';
import { nowOf } from './dependencies';
import { ProblemError } from './problems';
import { mount } from './route';
import type { Call, Door } from './route';
import { mountSlackInteractions } from './slackInteractions';

/** What members are told, for administrators; and where links in e-mails and buttons in Slack lead. */
export function mountNotifications(door: Door, dependencies: ApiDependencies): { settle(): Promise<void> } {
  mount(door, listNotifications, (call) => list(dependencies, call));
  mount(door, retryNotification, (call) => retry(dependencies, call));
  mountDecisionLinks(door.router, dependencies, door.authenticate);
  const { slackBotToken: token, slackApiUrl: apiUrl } = dependencies.config.notifications;
  const slack = token === undefined ? null : createSlack({ token, apiUrl });
  return mountSlackInteractions(door.router, dependencies, slack);
}

async function list({ store }: ApiDependencies, { caller, query }: Call<typeof listNotifications>) {
  const page = await store.inTenant(caller.tenant, (tx) => listRows(tx, query));
  return { status: 200 as const, body: { items: page.items.map(shown), nextCursor: page.nextCursor } };
}

async function retry(dependencies: ApiDependencies, { caller, params }: Call<typeof retryNotification>) {
  const id = Number(/^ntf_(\d{1,15})$/.exec(params.notificationId)?.[1] ?? Number.NaN);
  const request = { id, at: nowOf(dependencies) };
  const isRetried =
    Number.isSafeInteger(id) && (await dependencies.store.inTenant(caller.tenant, (tx) => retryRow(tx, request)));
  if (!isRetried) throw new ProblemError('notification_unknown');
  return { status: 204 as const };
}

function shown({ id, taskId, kind, channel, recipient, ...row }: NotificationRow) {
  const { state, attempts, lastFailure, createdAt, dueAt, endedAt } = row;
  const about = { id: `ntf_${id}`, taskId, kind, channel, recipient };
  return { ...about, state, attempts, lastFailure, createdAt, dueAt, endedAt };
}
