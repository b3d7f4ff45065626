import { z } from 'zod';
import { reviewParams, taskParams } from './fields';
import { defineOperation } from './operation';
import { task } from './tasks';

const said = z.string().min(1).max(4_000).regex(/\S/, 'must say something');

export const askCaller = defineOperation({
  id: 'askCaller',
  method: 'post',
  path: '/v1/reviews/{reviewId}/ask',
  access: 'reviews:decide',
  tag: 'reviews',
  summary: 'Ask the caller a question',
  description:
    'The task waits for the caller, who is told by the webhook task.needs_input, and the ladder stands still. The answer is part ' +
    'of the next draft. A decision is possible all the same.',
  params: reviewParams,
  body: z.strictObject({ question: said }).meta({ id: 'QuestionBody' }),
  answers: { 202: { description: 'The task, which waits for its caller.', schema: task } },
  refusals: [
    ...(['review_unknown', 'already_decided', 'stale_digest', 'claimed_by_other', 'not_claimed'] as const),
    ...(['role_required', 'rounds_exhausted', 'task_ended', 'unavailable'] as const),
  ],
});

export const answerQuestion = defineOperation({
  id: 'answerQuestion',
  method: 'post',
  path: '/v1/tasks/{taskId}/answers',
  access: 'tasks:write',
  tag: 'tasks',
  summary: 'Say more about a task',
  description:
    'Answers the question of a reviewer. What is said before anybody asks is kept, and part of the next draft too.',
  params: taskParams,
  body: z.strictObject({ text: said }).meta({ id: 'AnswerBody' }),
  answers: { 202: { description: 'The task.', schema: task } },
  refusals: ['task_unknown', 'task_ended', 'unavailable'],
});

export const questionOperations = [askCaller, answerQuestion];
