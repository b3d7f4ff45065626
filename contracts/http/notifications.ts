import { z } from 'zod';
import { CHANNELS, NOTIFICATION_FAILURES, NOTIFICATION_KINDS, NOTIFICATION_STATES } from '../notifications';
import { clearText, time } from './fields';
import { defineOperation } from './operation';
import { nextCursor, pageQuery } from './paging';

export const notification = z
  .object({
    id: z.string().meta({ example: 'ntf_12' }),
    taskId: z.string(),
    kind: z.enum(NOTIFICATION_KINDS),
    channel: z.enum(CHANNELS),
    recipient: z.string().meta({ description: "A member's id, or a Slack channel." }),
    state: z.enum(NOTIFICATION_STATES),
    attempts: z.number().int(),
    lastFailure: z.enum(NOTIFICATION_FAILURES).nullable(),
    createdAt: time,
    dueAt: time.meta({ description: 'Of the next attempt.' }),
    endedAt: time.nullable(),
  })
  .meta({ id: 'Notification' });

export const listNotifications = defineOperation({
  id: 'listNotifications',
  method: 'get',
  path: '/v1/notifications',
  access: 'admin',
  tag: 'administration',
  summary: 'List what members are told',
  description: 'Oldest first. `state=parked` are those that were given up.',
  query: z.strictObject({ ...pageQuery, state: z.enum(NOTIFICATION_STATES).optional() }),
  answers: {
    200: { description: 'A page.', schema: z.object({ items: z.array(notification), nextCursor }) },
  },
  refusals: [],
});

export const retryNotification = defineOperation({
  id: 'retryNotification',
  method: 'post',
  path: '/v1/notifications/{notificationId}/retry',
  access: 'admin',
  tag: 'administration',
  summary: 'Send a parked notification again',
  description: 'It is due at once, and tried for another day.',
  params: z.object({ notificationId: clearText.max(64).meta({ example: 'ntf_12' }) }),
  answers: { 204: { description: 'It is due.' } },
  refusals: ['notification_unknown'],
});

export const notificationOperations = [listNotifications, retryNotification];
