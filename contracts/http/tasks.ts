import { z } from 'zod';
import { ATTEMPT_RESULTS, REVIEW_STATUSES, STATUSES, OUTCOMES } from '../words/vocabulary';
import {
  classProbability,
  clearText,
  confidence,
  digest,
  evidence,
  idempotencyKeyHeader,
  json,
  links,
  microUsd,
  outcome,
  reason,
  stepName,
  taskParams,
  time,
  waitSeconds,
} from './fields';
import { defineOperation } from './operation';
import { listOf, nextCursor, pageQuery } from './paging';

const shortText = z.string().min(1).max(255);
const word = clearText.min(1).max(255);

export const submission = z
  .strictObject({
    type: z.string().min(1).max(100).meta({ description: 'The task type, from GET /v1/task-types.' }),
    input: json.meta({ description: "What the task type's input schema says." }),
    subject: shortText
      .optional()
      .meta({ description: 'Whom the input is about; erasing this subject erases the texts.' }),
    reference: shortText.optional().meta({ description: "The caller's own name of the task." }),
    callbackUrl: z
      .string()
      .min(1)
      .max(2048)
      .optional()
      .meta({ description: 'Gets a signed webhook when the task is completed.' }),
    priority: z.number().int().min(1).max(5).default(3).meta({ description: '1 is the most urgent. Default 3.' }),
    review: z
      .literal('required')
      .optional()
      .meta({ description: 'Sends the task to a person, whatever its class may do.' }),
    metadata: z
      .record(z.string().max(255), json)
      .optional()
      .meta({ description: 'Kept with the task, at most 16 KiB of JSON.' }),
  })
  .meta({ id: 'TaskSubmission' });

export const attempt = z
  .object({
    provider: z.string(),
    model: z.string(),
    route: z.string(),
    startedAt: time,
    latencyMs: z.number(),
    inputTokens: z.number().int(),
    outputTokens: z.number().int(),
    cached: z.boolean(),
    costMicroUsd: microUsd,
    result: z.enum(ATTEMPT_RESULTS),
  })
  .meta({ id: 'Attempt' });

export const permit = z
  .object({ kind: z.enum(['decision', 'grant', 'fallback']), by: z.string(), at: time, digest })
  .meta({ id: 'Permit' });

export const task = z
  .object({
    id: z.string(),
    type: z.string(),
    typeVersion: z.number().int(),
    status: z.enum(STATUSES),
    outcome: outcome.nullable(),
    output: json.meta({ description: 'What was delivered; null until then.' }),
    class: classProbability.nullable(),
    confidence: confidence.nullable(),
    reasons: z.array(reason),
    draft: z.object({ version: z.number().int(), digest }).nullable(),
    permit: permit.nullable(),
    attempts: z.array(attempt),
    cost: z.object({
      modelMicroUsd: microUsd,
      humanMicroUsd: microUsd,
      humanSeconds: z.number(),
      totalMicroUsd: microUsd,
    }),
    review: z.object({ id: z.string(), status: z.enum(REVIEW_STATUSES) }).nullable(),
    question: z
      .object({ text: z.string(), askedAt: time })
      .nullable()
      .meta({ description: 'What a reviewer asks the caller; null when nothing is asked.' }),
    subject: z.string().nullable(),
    reference: z.string().nullable(),
    metadata: z.record(z.string(), json).nullable(),
    priority: z.number().int(),
    createdAt: time,
    completedAt: time.nullable(),
    links,
  })
  .meta({ id: 'Task' });

export const taskPage = z.object({ items: z.array(task), nextCursor }).meta({ id: 'TaskPage' });

export const timeline = z
  .object({
    taskId: z.string(),
    steps: z.array(
      z.object({
        name: stepName,
        startedAt: time,
        endedAt: time,
        result: z.string().meta({ description: 'In a sentence.' }),
        evidence,
        costMicroUsd: microUsd,
      }),
    ),
  })
  .meta({ id: 'Timeline' });

const acceptedHeaders = z.object({
  location: z.string().meta({ description: 'The address of the task.' }),
  'idempotency-key': z.string().meta({ description: 'The key the task is kept under.' }),
  'idempotent-replayed': z
    .literal('true')
    .optional()
    .meta({ description: 'The key was known: this task was there before.' }),
});

export const postTask = defineOperation({
  id: 'postTask',
  method: 'post',
  path: '/v1/tasks',
  access: 'tasks:write',
  tag: 'tasks',
  summary: 'Post a task',
  description:
    'The task is kept durably before it is answered. The same Idempotency-Key and body give the same task; the same key with ' +
    'another body is refused. With waitSeconds the answer is 200 as soon as the task is completed, else 202.',
  query: z.strictObject({ waitSeconds }),
  headers: idempotencyKeyHeader,
  body: submission,
  answers: {
    200: { description: 'The task, completed.', schema: task, headers: acceptedHeaders },
    202: { description: 'The task, accepted.', schema: task, headers: acceptedHeaders },
  },
  refusals: [
    'not_json',
    'unsupported_media_type',
    'input_too_large',
    'input_invalid',
    'task_type_unknown',
    'callback_refused',
    'idempotency_key_reused',
    'idempotency_key_invalid',
  ],
});

export const getTask = defineOperation({
  id: 'getTask',
  method: 'get',
  path: '/v1/tasks/{taskId}',
  access: 'tasks:read',
  tag: 'tasks',
  summary: 'Read a task, and wait for its end if asked',
  params: taskParams,
  query: z.strictObject({ waitSeconds }),
  answers: { 200: { description: 'The task as it is.', schema: task } },
  refusals: ['task_unknown'],
});

export const listTasks = defineOperation({
  id: 'listTasks',
  method: 'get',
  path: '/v1/tasks',
  access: 'tasks:read',
  tag: 'tasks',
  summary: 'List tasks, the newest first',
  query: z.strictObject({
    ...pageQuery,
    status: listOf(STATUSES).optional(),
    type: word.optional(),
    class: word.optional(),
    outcome: listOf(OUTCOMES).optional(),
    reason: reason.optional(),
    reference: shortText.optional().meta({ description: 'Exactly this reference.' }),
    subject: shortText.optional().meta({ description: 'Exactly this subject.' }),
    from: z.iso.datetime({ offset: true }).optional().meta({ description: 'Created at or after.' }),
    to: z.iso.datetime({ offset: true }).optional().meta({ description: 'Created before.' }),
  }),
  answers: { 200: { description: 'A page of tasks.', schema: taskPage } },
  refusals: [],
});

export const getTimeline = defineOperation({
  id: 'getTimeline',
  method: 'get',
  path: '/v1/tasks/{taskId}/timeline',
  access: 'tasks:read',
  tag: 'tasks',
  summary: 'Read the steps of a task',
  params: taskParams,
  answers: { 200: { description: 'Each step that has ended, in order.', schema: timeline } },
  refusals: ['task_unknown'],
});

export const cancelTask = defineOperation({
  id: 'cancelTask',
  method: 'post',
  path: '/v1/tasks/{taskId}/cancel',
  access: 'tasks:write',
  tag: 'tasks',
  summary: 'Cancel a task that has not ended',
  params: taskParams,
  body: z.strictObject({ reason: z.string().max(2000).optional() }).meta({ id: 'Cancellation' }),
  answers: { 202: { description: 'The task, which ends as cancelled.', schema: task } },
  refusals: ['task_unknown', 'task_ended', 'unavailable'],
});

export const taskOperations = [postTask, listTasks, getTask, getTimeline, cancelTask];
