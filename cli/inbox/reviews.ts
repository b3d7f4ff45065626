import type { decide, decideInBulk, undoDecision } from '../../contracts/http/decisions';
import type { DecisionBody } from '../../contracts/http/decisions';
import type { AnswerOf } from '../../contracts/http/operation';
import type { claim } from '../../contracts/http/claims';
import type { note } from '../../contracts/http/notes';
import type { askCaller } from '../../contracts/http/questions';
import type { review, reviewPage, reviewRow } from '../../contracts/http/reviews';
import type { taskTypeSummary } from '../../contracts/http/taskTypes';
import { reviewIdOf } from '../../contracts/words/names';
import { randomUUID } from 'node:crypto';
import type { Client } from '../client';
import { ClientProblem, isProblem } from '../ClientProblem';
import { CliError } from '../CliError';

export type Review = AnswerOf<typeof review>;
export type ReviewRow = AnswerOf<typeof reviewRow>;
export type ReviewPage = AnswerOf<typeof reviewPage>;
export type Claim = AnswerOf<typeof claim>;
export type DecisionAnswer = AnswerOf<(typeof decide)['answers'][200]['schema']>;
export type UndoAnswer = AnswerOf<(typeof undoDecision)['answers'][200]['schema']>;
export type AskAnswer = AnswerOf<(typeof askCaller)['answers'][202]['schema']>;
export type Note = AnswerOf<typeof note>;
export type BulkResult = AnswerOf<(typeof decideInBulk)['answers'][200]['schema']>['results'][number];
export type { DecisionBody };

/** What binds a decision to what was seen: the same draft may come back in a later round, with other facts. */
export type Seen = Pick<DecisionBody, 'digest' | 'round'>;

export function seenIn({ digest, round }: Review): Seen {
  return { digest, round };
}

/** What the options of `inbox list` select. */
export interface ReviewFilter {
  readonly status?: string;
  readonly queue?: string;
  readonly type?: string;
  readonly class?: string;
  readonly reason?: string;
  readonly limit?: number;
}

/** Undecided reviews unless a status is named, the one that is due first on top. */
export function listReviews(client: Client, filter: ReviewFilter): Promise<ReviewPage> {
  const { status = 'open,claimed,waiting_for_caller', queue, type, reason, limit } = filter;
  return client.get('/v1/reviews', { status, queue, type, class: filter.class, reason, limit, sort: 'due' });
}

export function readReview(client: Client, reviewId: string, { reveal = false } = {}): Promise<Review> {
  return client.get(pathOf(reviewId), reveal ? { reveal: 'true' } : {});
}

/** Undefined when nothing is open. */
export function claimNext(client: Client, queue: string | undefined): Promise<Review | undefined> {
  return client.post('/v1/reviews/next', queue === undefined ? {} : { queue });
}

/** Claims a review, or makes a claim that one has last longer. */
export async function holdReview(
  client: Client,
  reviewId: string,
  { how, leaseSeconds }: { readonly how: 'claim' | 'extend'; readonly leaseSeconds?: number | undefined },
): Promise<Claim> {
  const held = await client.post<Claim>(
    `${pathOf(reviewId)}/${how}`,
    leaseSeconds === undefined ? {} : { leaseSeconds },
  );
  if (held === undefined)
    throw new CliError('The server answered without the claim. Look with: npx countersign inbox list');
  return held;
}

export async function releaseReview(client: Client, reviewId: string): Promise<void> {
  await client.post(`${pathOf(reviewId)}/release`);
}

export function sendDecision(
  client: Client,
  reviewId: string,
  { body, key }: { readonly body: DecisionBody; readonly key?: string | undefined },
): Promise<DecisionAnswer> {
  return client.decide(`${pathOf(reviewId)}/decision`, body, key === undefined ? {} : { key });
}

/**
 * Takes a decision where its type is decided by whoever holds the review, too: claims it first when it has to be, and gives it back
 * when the decision is refused all the same. The second try has a key of its own, made of the first: the first one was answered.
 */
export async function decideHolding(
  client: Client,
  reviewId: string,
  { body, key = randomUUID() }: { readonly body: DecisionBody; readonly key?: string | undefined },
): Promise<DecisionAnswer> {
  try {
    return await sendDecision(client, reviewId, { body, key });
  } catch (error) {
    if (!isProblem(error, 'not_claimed')) throw error;
  }
  await holdReview(client, reviewId, { how: 'claim' });
  return givingBackUnlessDone(client, reviewId, () =>
    sendDecision(client, reviewId, { body, key: `${key.slice(0, 240)}-claimed` }),
  );
}

/** Gives the review back where the work is refused or comes to nothing, so that others need not wait for the lease to end. */
export async function givingBackUnlessDone<T>(client: Client, reviewId: string, work: () => Promise<T>): Promise<T> {
  try {
    const done = await work();
    if (done === undefined) await releaseReview(client, reviewId);
    return done;
  } catch (error) {
    // Whoever lost the claim, or was overtaken, has nothing to give back; what they are told is the first refusal.
    if (error instanceof ClientProblem || error instanceof CliError)
      await releaseReview(client, reviewId).catch(() => undefined);
    throw error;
  }
}

export async function decideInBulkOn(
  client: Client,
  decisions: readonly (DecisionBody & { readonly reviewId: string })[],
  key?: string,
): Promise<readonly BulkResult[]> {
  const sent = await client.decideMany<{ results: readonly BulkResult[] }>(
    '/v1/reviews/decisions',
    { decisions },
    key === undefined ? {} : { key },
  );
  return sent.results;
}

export function undoOn(client: Client, reviewId: string): Promise<UndoAnswer> {
  return answered(client.post<UndoAnswer>(`${pathOf(reviewId)}/undo`));
}

export function askOn(client: Client, reviewId: string, question: string): Promise<AskAnswer> {
  return answered(client.post<AskAnswer>(`${pathOf(reviewId)}/ask`, { question }));
}

export function noteOn(client: Client, reviewId: string, text: string): Promise<Note> {
  return answered(client.post<Note>(`${pathOf(reviewId)}/notes`, { text }));
}

export function assignTo(
  client: Client,
  reviewId: string,
  given: { readonly to: string; readonly leaseSeconds?: number },
): Promise<Claim> {
  return answered(client.post<Claim>(`${pathOf(reviewId)}/assign`, given));
}

async function answered<T>(answer: Promise<T | undefined>): Promise<T> {
  const body = await answer;
  if (body === undefined)
    throw new CliError('The server answered without a body. Look with: npx countersign inbox list');
  return body;
}

/** What a task of each type asks of a person, by the type's name: its title. */
export async function titlesOfTypes(client: Client): Promise<ReadonlyMap<string, string>> {
  const { items } = await client.get<{ items: readonly AnswerOf<typeof taskTypeSummary>[] }>('/v1/task-types');
  return new Map(items.map(({ name, title }) => [name, title]));
}

/** A review's id, or that of its task. */
export function reviewIdFrom(text: string): string {
  if (/^tsk_[0-9a-z]+$/.test(text)) return reviewIdOf(text);
  if (/^rev_[0-9a-z]+$/.test(text)) return text;
  throw new CliError(
    `"${text}" is not the id of a review: rev_ and 26 characters, from npx countersign inbox list.`,
    2,
  );
}

function pathOf(reviewId: string): string {
  return `/v1/reviews/${encodeURIComponent(reviewId)}`;
}
