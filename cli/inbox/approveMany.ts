import { MAX_BULK_DECISIONS } from '../../contracts/http/decisions';
import type { Client } from '../client';
import { ClientProblem, type ProblemBody } from '../ClientProblem';
import { CliError } from '../CliError';
import { isInteractive, printError, printJson, printLine } from '../print';
import { confirmed } from '../prompts';
import { refusalText } from '../refusal';
import { oneLine } from '../terminalText';
import { peopleWords } from '../wording';
import type { DecideOptions } from './decide';
import { draftScreen } from './reviewScreen';
import { decideHolding, decideInBulkOn, readReview, seenIn } from './reviews';
import type { BulkResult, DecisionBody } from './reviews';

type BoundDecision = DecisionBody & { readonly reviewId: string };

/**
 * Approves up to 200 reviews, each by itself: one that is refused stops no other. Shows the drafts and asks once, unless a yes was
 * given beforehand; each approval is bound to the draft that was shown. Exit code 1 where one was refused.
 */
export async function approveMany(client: Client, reviewIds: readonly string[], options: DecideOptions): Promise<void> {
  requireBulk(reviewIds, options);
  const decisions = await boundToShown(client, reviewIds, options);
  if (options.yes !== true && !(await confirmed(`Approve these ${decisions.length} drafts?`)))
    throw new CliError('Nothing was decided.');
  const first = await decideInBulkOn(client, decisions, options.idempotencyKey);
  const results = await claimingWhereNeeded(client, first, decisions);
  if (options.json === true) printJson({ results });
  else results.forEach((result) => printLine(resultLine(result)));
  if (results.some(({ problem }) => problem !== null)) process.exitCode = 1;
}

function requireBulk(reviewIds: readonly string[], { digest, yes }: DecideOptions): void {
  if (reviewIds.length > MAX_BULK_DECISIONS)
    throw new CliError(`These are ${reviewIds.length} reviews; at most ${MAX_BULK_DECISIONS} are approved at once.`, 2);
  if (digest !== undefined)
    throw new CliError('--digest is of one draft. To approve many, look at them and say yes, or give --yes.', 2);
  if (yes !== true && !isInteractive())
    throw new CliError('There is no terminal to ask on: --yes approves whatever drafts there are now.', 2);
}

async function boundToShown(
  client: Client,
  reviewIds: readonly string[],
  { json, note }: DecideOptions,
): Promise<readonly BoundDecision[]> {
  const decisions: BoundDecision[] = [];
  for (const reviewId of reviewIds) {
    const review = await readReview(client, reviewId);
    (json === true ? printError : printLine)(`${oneLine(review.id)}\n${draftScreen(review)}\n`);
    decisions.push({ reviewId, action: 'approve', ...seenIn(review), ...(note !== undefined && { note }) });
  }
  return decisions;
}

/** Those of types that are decided by whoever holds the review are claimed, and sent again one by one. */
async function claimingWhereNeeded(
  client: Client,
  results: readonly BulkResult[],
  decisions: readonly BoundDecision[],
): Promise<readonly BulkResult[]> {
  const settled: BulkResult[] = [];
  for (const [index, result] of results.entries()) {
    const bound = decisions[index];
    const isToClaim = result.problem?.code === 'not_claimed' && bound !== undefined;
    settled.push(isToClaim ? await claimed(client, bound) : result);
  }
  return settled;
}

async function claimed(client: Client, { reviewId, ...body }: BoundDecision): Promise<BulkResult> {
  try {
    const { decision } = await decideHolding(client, reviewId, { body });
    return { reviewId, status: 200, decision, problem: null };
  } catch (error) {
    if (!(error instanceof ClientProblem)) throw error;
    const problem = error.body as NonNullable<BulkResult['problem']>;
    return { reviewId, status: problem.status, decision: null, problem };
  }
}

function resultLine({ reviewId, decision, problem }: BulkResult): string {
  if (problem !== null)
    return oneLine(`${reviewId} not approved: ${refusalText(new ClientProblem(problem as ProblemBody))}`);
  const missing = decision?.missingApprovals ?? 0;
  return oneLine(`${reviewId} approved${missing === 0 ? '' : `; ${peopleWords(missing)} more must approve`}`);
}
