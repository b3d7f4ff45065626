import type { decide } from '../../contracts/http/decisions';
import type { DecisionBody } from '../../contracts/http/decisions';
import type { AnswerOf } from '../../contracts/http/operation';
import type { claim } from '../../contracts/http/claims';
import type { review, reviewPage, reviewRow } from '../../contracts/http/reviews';
import type { taskTypeSummary } from '../../contracts/http/taskTypes';
import { reviewIdOf } from '../../contracts/words/names';
import type { Client } from '../client';
import { CliError } from '../CliError';

export type Review = AnswerOf<typeof review>;
export type ReviewRow = AnswerOf<typeof reviewRow>;
export type ReviewPage = AnswerOf<typeof reviewPage>;
export type Claim = AnswerOf<typeof claim>;
export type DecisionAnswer = AnswerOf<(typeof decide)['answers'][200]['schema']>;
export type { DecisionBody };

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
  const { status = 'open,claimed', queue, type, reason, limit } = filter;
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
