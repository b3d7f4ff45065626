import { answerQuestion, askCaller } from '../contracts/http/questions';
import { ANSWER_UPDATE, ASK_UPDATE } from '../contracts/words/review';
import type { AnswerRequest, AskRequest } from '../contracts/words/review';
import type { ApiDependencies } from './dependencies';
import { requireReviewed } from './reviewReading';
import { mount } from './route';
import type { Call, Door } from './route';
import { keepSaid } from './said';
import { requireTaskAnswer } from './taskAnswer';
import { requireTask } from './taskReading';
import { updateTask } from './updateTask';

export function mountQuestions(door: Door, dependencies: ApiDependencies): void {
  mount(door, askCaller, (call) => ask(dependencies, call));
  mount(door, answerQuestion, (call) => answer(dependencies, call));
}

async function ask(dependencies: ApiDependencies, { caller, params, body }: Call<typeof askCaller>) {
  const { tenant, actor } = caller;
  const row = await requireReviewed(dependencies, tenant, params.reviewId);
  const question = await keepSaid(dependencies, 'question', { tenant, taskId: row.id, text: body.question });
  const request: AskRequest = { actor, question };
  await updateTask<unknown>(dependencies, tenant, { row, update: ASK_UPDATE, request });
  return { status: 202 as const, body: await requireTaskAnswer(dependencies, tenant, row.id) };
}

async function answer(dependencies: ApiDependencies, { caller, params, body }: Call<typeof answerQuestion>) {
  const { tenant, actor } = caller;
  const row = await requireTask(dependencies, tenant, params.taskId);
  const name = await keepSaid(dependencies, 'answer', { tenant, taskId: row.id, text: body.text });
  const request: AnswerRequest = { actor, answer: name };
  await updateTask<void>(dependencies, tenant, { row, update: ANSWER_UPDATE, request });
  return { status: 202 as const, body: await requireTaskAnswer(dependencies, tenant, row.id) };
}
