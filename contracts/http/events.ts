import { z } from 'zod';
import { REVIEW_STATUSES, STATUSES } from '../words/vocabulary';
import { classProbability, outcome, probability, reviewParams, taskParams, time } from './fields';
import { defineOperation } from './operation';

export const taskEvent = z
  .object({
    id: z.string(),
    revision: z.number().int(),
    status: z.enum(STATUSES),
    outcome: outcome.nullable(),
    class: classProbability.nullable(),
    confidence: probability.nullable(),
    review: z.object({ id: z.string(), status: z.enum(REVIEW_STATUSES) }).nullable(),
    completedAt: time.nullable(),
  })
  .meta({ id: 'TaskEvent', description: 'Event `task`: a task as it is now. The id of the event is the revision.' });

export const reviewEvent = z
  .object({
    reviewId: z.string(),
    taskId: z.string(),
    type: z.string(),
    queue: z.string(),
    alsoQueue: z.string().nullable(),
    status: z.enum(REVIEW_STATUSES),
    priority: z.number().int(),
    claimedBy: z.string().nullable(),
    claimedByName: z.string().nullable(),
    claimedUntil: time.nullable(),
    round: z.number().int(),
    revision: z.number().int().meta({ description: 'Of the task.' }),
    dueAt: time.nullable(),
  })
  .meta({ id: 'ReviewEvent', description: 'Event `review`: what the row of a review in a list says now.' });

export const presenceEvent = z
  .object({
    reviewId: z.string(),
    people: z.array(z.object({ id: z.string(), name: z.string(), since: time })),
  })
  .meta({
    id: 'PresenceEvent',
    description:
      'Event `presence`: who has the review open now, the first to come first. It says nothing about the claim.',
  });

export const helloEvent = z
  .object({
    heartbeatSeconds: z
      .number()
      .meta({ description: 'A comment is sent so often; silence for longer is a lost connection.' }),
  })
  .meta({ id: 'HelloEvent', description: 'Event `hello`: the stream is open, and changes from now on are told.' });

export const refreshEvent = z.object({ reason: z.enum(['behind', 'missed']) }).meta({
  id: 'RefreshEvent',
  description:
    'Event `refresh`: changes were left out, since the reader was too slow or the store was away. Load again.',
});

const STREAM = 'text/event-stream';
const ABOUT =
  'Server-Sent Events. The stream is closed when the key is revoked or the session has ended, within a minute, and when the ' +
  'server stops; a reader that leaves too much unread is disconnected.';

export const streamTask = defineOperation({
  id: 'streamTask',
  method: 'get',
  path: '/v1/tasks/{taskId}/events',
  access: 'tasks:read',
  tag: 'tasks',
  summary: 'Follow the changes of a task',
  description:
    `${ABOUT} The first event is the task as it is, unless Last-Event-ID names its revision; changes that follow each other ` +
    'quickly may be one event. The stream ends with the event of the completed task. Asked again then, with the Last-Event-ID of ' +
    'that event, the answer is 204, by which an EventSource does not ask again.',
  params: taskParams,
  headers: z.object({
    'last-event-id': z.string().max(64).optional().meta({ description: 'The id of the last event that was read.' }),
  }),
  answers: {
    200: { description: 'Events `task`.', schema: taskEvent, mediaType: STREAM },
    204: { description: 'The task is completed, and its last event was read.' },
  },
  refusals: ['task_unknown'],
});

export const streamReviews = defineOperation({
  id: 'streamReviews',
  method: 'get',
  path: '/v1/reviews/events',
  access: 'reviews:read',
  tag: 'reviews',
  summary: 'Follow the changes of all reviews',
  description: `${ABOUT} It begins with \`hello\`: load the list after it. It can't be resumed: after each \`hello\`, load the list again.`,
  answers: {
    200: {
      description: 'Events `hello`, `review` and `refresh`.',
      schema: z.union([helloEvent, reviewEvent, refreshEvent]),
      mediaType: STREAM,
    },
  },
  refusals: [],
});

export const streamReview = defineOperation({
  id: 'streamReview',
  method: 'get',
  path: '/v1/reviews/{reviewId}/events',
  access: 'reviews:read',
  tag: 'reviews',
  summary: 'Follow a review, and show that one looks at it',
  description:
    `${ABOUT} Whoever has the stream open is shown to the others by \`presence\`, and is gone when it closes, at the latest ` +
    '20 seconds after a server has died.',
  params: reviewParams,
  answers: {
    200: {
      description: 'Events `hello`, `review` and `presence`.',
      schema: z.union([helloEvent, reviewEvent, presenceEvent]),
      mediaType: STREAM,
    },
  },
  refusals: ['review_unknown'],
});

export const eventOperations = [streamTask, streamReviews, streamReview];
