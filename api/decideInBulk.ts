import type { AnswerOf } from '../contracts/http/operation';
import type { decideInBulk } from '../contracts/http/decisions';
import { decideOnce } from './decideOnce';
import type { ApiDependencies } from './dependencies';
import { toldIdempotencyKey } from './idempotencyKey';
import { problemJson, ProblemError, problemOf } from './problems';
import type { Call } from './route';
import { shownDecision } from './shownDecision';

/** As many decisions are under way at a time: enough to be quick, and few enough that others are served meanwhile. */
const AT_A_TIME = 8;

/**
 * After so long nothing further is asked. Each may take some 10 s while no worker answers, and callers give up after 30 s: they would send
 * the whole again while this goes on.
 */
const ASKED_WITHIN_MS = 15_000;

type BulkCall = Call<typeof decideInBulk>;
type BulkAnswer = AnswerOf<(typeof decideInBulk)['answers'][200]['schema']>;
type Result = BulkAnswer['results'][number];

/** Decides each by itself, and gives a result for each in their order; `unavailable` for what was not asked in time. */
export async function decideEach(dependencies: ApiDependencies, call: BulkCall): Promise<BulkAnswer> {
  const key = toldIdempotencyKey(call);
  const until = dependencies.clock().getTime() + ASKED_WITHIN_MS;
  const { decisions } = call.body;
  const results: Result[] = [];
  const left = decisions.entries();
  const work = async (): Promise<void> => {
    for (const [index] of left) results[index] = await decideOneOf(dependencies, call, { index, key, until });
  };
  await Promise.all(Array.from({ length: Math.min(AT_A_TIME, decisions.length) }, work));
  return { results };
}

async function decideOneOf(
  dependencies: ApiDependencies,
  { caller, body, json, requestId }: BulkCall,
  { index, key, until }: { readonly index: number; readonly key: string; readonly until: number },
): Promise<Result> {
  const { reviewId, idempotencyKey, ...decision } = body.decisions[index] as BulkCall['body']['decisions'][number];
  // As it was sent: what the schema fills in is no part of what the key stands for.
  const sent = (json as { readonly decisions: readonly unknown[] }).decisions[index];
  try {
    if (dependencies.clock().getTime() >= until) throw new ProblemError('unavailable');
    const making = {
      caller,
      reviewId,
      body: decision,
      json: sent,
      key: idempotencyKey ?? key,
      surface: 'bulk' as const,
    };
    const made = await decideOnce(dependencies, making);
    return { reviewId, status: 200, decision: shownDecision(made.decision), problem: null };
  } catch (error) {
    const told = problemOf(error);
    if (told.code === 'internal') dependencies.log.error({ err: error, requestId }, 'a decision of a bulk failed');
    const problem = problemJson(told, requestId);
    return { reviewId, status: problem.status, decision: null, problem };
  }
}
