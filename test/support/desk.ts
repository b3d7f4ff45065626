import { type Answer, ask, eventually, newKey } from '../api/testApi';
import type { TestBank } from './bank';
import { unsampledKey } from './unsampledKey';

export const CUSTOMER = 'cus_1001';

/** A caller and two reviewers, with what they do all day. */
export interface Desk {
  readonly caller: string;
  readonly ann: string;
  readonly ben: string;
  /** Posts a message of a customer and gives the task's id. */
  post(message: string, more?: object): Promise<string>;
  /** Posts, and waits for the end. */
  answered(message: string, more?: object): Promise<Answer['body']>;
  /** Posts, and waits until it is put to review. */
  escalated(message: string, more?: object): Promise<Opened>;
  opened(taskId: string): Promise<Opened>;
  task(taskId: string): Promise<Answer['body']>;
  ended(taskId: string): Promise<Answer['body']>;
  review(reviewId: string): Promise<Answer['body']>;
  decide(opened: Pick<Opened, 'reviewId' | 'digest'>, json: object, as?: string): Promise<Answer>;
}

export interface Opened {
  readonly taskId: string;
  readonly reviewId: string;
  readonly digest: string;
  readonly reasons: readonly string[];
  readonly task: Answer['body'];
}

export async function openDesk(bank: TestBank): Promise<Desk> {
  const caller = await bank.key(['tasks:read', 'tasks:write']);
  const ann = await bank.key(['reviews:read', 'reviews:decide', 'tasks:read']);
  const ben = await bank.key(['reviews:read', 'reviews:decide', 'tasks:read']);
  const read = async (path: string, key = caller) => (await ask(bank, `GET ${path}`, { key })).body;
  const task = (taskId: string) => read(`/v1/tasks/${taskId}`);
  const ended = (taskId: string) => read(`/v1/tasks/${taskId}?waitSeconds=30`);
  const review = (reviewId: string) => read(`/v1/reviews/${reviewId}`, ann);
  const post = async (message: string, more: object = {}): Promise<string> => {
    const json = { type: 'bank-support', input: { message, customerId: CUSTOMER }, ...more };
    const headers = { 'idempotency-key': unsampledKey(bank) };
    const answer = await ask(bank, 'POST /v1/tasks', { key: caller, json, headers });
    if (answer.status !== 202)
      throw new Error(`the task was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body.id as string;
  };
  const opened = async (taskId: string): Promise<Opened> => {
    const body = await eventually(
      () => task(taskId),
      ({ status }) => status === 'waiting_for_review' || status === 'completed',
    );
    if (body.review === null) throw new Error(`the task was not put to review: ${JSON.stringify(body)}`);
    const { digest } = await review(body.review.id);
    return { taskId, reviewId: body.review.id, digest, reasons: body.reasons, task: body };
  };
  return {
    caller,
    ann,
    ben,
    post,
    task,
    ended,
    review,
    opened,
    answered: async (message, more) => ended(await post(message, more)),
    escalated: async (message, more) => opened(await post(message, more)),
    decide: ({ reviewId, digest }, json, as = ann) =>
      ask(bank, `POST /v1/reviews/${reviewId}/decision`, {
        key: as,
        json: { digest, ...json },
        headers: { 'idempotency-key': newKey() },
      }),
  };
}
