import { isDeepStrictEqual } from 'node:util';
import type { Client } from '../client';
import { ClientProblem, isProblem } from '../ClientProblem';
import { CliError } from '../CliError';
import { isInteractive, printError, red } from '../print';
import { confirmed } from '../prompts';
import { refusalText } from '../refusal';
import { noteOf, showingNewerDraft, tellDecision } from './decide';
import type { DecideOptions } from './decide';
import { openEditor, readJsonFile, removeEditFile, writeEditFile } from './editor';
import { decideHolding, holdReview, readReview, releaseReview, seenIn } from './reviews';
import type { DecisionAnswer, DecisionBody, Review, Seen } from './reviews';
import { skeletonOf } from './skeleton';

export interface CorrectOptions extends DecideOptions {
  /** A file with the whole corrected output. Without it, the draft is opened in an editor. */
  readonly output?: string;
  /** Only the wording changed, not what is said. */
  readonly style?: boolean;
  readonly reason?: string;
}

export async function correct(client: Client, reviewId: string, options: CorrectOptions): Promise<void> {
  const { output } = options;
  const answer =
    output === undefined
      ? await correctInEditor(client, reviewId, options)
      : await correctFromFile(client, reviewId, { path: output, options });
  tellDecision(answer, options);
}

async function correctFromFile(
  client: Client,
  reviewId: string,
  { path, options }: { readonly path: string; readonly options: CorrectOptions },
): Promise<DecisionAnswer> {
  const edited = readJsonFile(path);
  if (!edited.isJson) throw new CliError(`${edited.fault}\nNothing was decided.`);
  const { digest } = options;
  const seen = digest === undefined ? seenIn(await readReview(client, reviewId)) : { digest };
  const body = bodyOf(edited.value, { seen, options });
  return showingNewerDraft(client, reviewId, () =>
    decideHolding(client, reviewId, { body, key: options.idempotencyKey }),
  );
}

/**
 * Claims the review, so that nobody decides meanwhile, and opens the draft's output in the editor. What was typed is kept in
 * a file until it is decided: after any refusal its path is told.
 */
export async function correctInEditor(
  client: Client,
  reviewId: string,
  options: CorrectOptions,
): Promise<DecisionAnswer> {
  if (!isInteractive() && !process.env['VISUAL'] && !process.env['EDITOR']) throw new CliError(NO_EDITOR, 2);
  const { claimedBy } = await readReview(client, reviewId);
  const claim = await holdReview(client, reviewId, { how: 'claim' });
  const review = await readReview(client, reviewId);
  const answer = await editUntilDecided(client, review, options);
  if (answer !== undefined) return answer;
  if (claimedBy !== claim.by) await releaseReview(client, reviewId);
  throw new CliError(
    `Nothing was changed, so nothing was decided. To accept it as it is: npx countersign inbox approve ${reviewId}`,
  );
}

const NO_EDITOR = 'There is no terminal to edit on: set EDITOR, or give the corrected output with --output <file>.';

/** Undefined when the person changed nothing. */
async function editUntilDecided(
  client: Client,
  review: Review,
  options: CorrectOptions,
): Promise<DecisionAnswer | undefined> {
  const before = review.draft === null ? skeletonOf(review.outputSchema) : review.draft.output;
  const path = writeEditFile(review.id, before);
  // A key that was given belongs to the first text: another text is another decision.
  let key = options.idempotencyKey;
  for (;;) {
    const fault = await keeping(path, review.id, async () => {
      await openEditor(path);
      const edited = readJsonFile(path);
      if (!edited.isJson) return edited.fault;
      if (isDeepStrictEqual(edited.value, before)) return 'unchanged' as const;
      return sendEdited(client, review, { value: edited.value, options, key });
    });
    if (fault === 'unchanged' || typeof fault !== 'string') {
      removeEditFile(path);
      return fault === 'unchanged' ? undefined : fault;
    }
    printError(red(fault));
    if (!isInteractive() || !(await confirmed('Open it again?')))
      throw new CliError(`Nothing was decided.\n${kept(path, review.id)}`);
    key = undefined;
  }
}

/** The decision, or what is wrong with the output, which the person can put right at once. */
async function sendEdited(
  client: Client,
  review: Review,
  {
    value,
    options,
    key,
  }: { readonly value: unknown; readonly options: CorrectOptions; readonly key: string | undefined },
): Promise<DecisionAnswer | string> {
  const seen = options.digest === undefined ? seenIn(review) : { digest: options.digest };
  const body = bodyOf(value, { seen, options });
  try {
    return await showingNewerDraft(client, review.id, () => decideHolding(client, review.id, { body, key }));
  } catch (error) {
    if (isProblem(error, 'output_invalid') || isProblem(error, 'input_invalid')) return refusalText(error);
    throw error;
  }
}

/** Adds to every failure where what was typed is kept. */
async function keeping<T>(path: string, reviewId: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ClientProblem) throw new CliError(`${refusalText(error)}\n${kept(path, reviewId)}`);
    if (error instanceof CliError) throw new CliError(`${error.message}\n${kept(path, reviewId)}`, error.exitCode);
    throw error;
  }
}

function kept(path: string, reviewId: string): string {
  return `What you wrote is kept in ${path}; send it with: npx countersign inbox correct ${reviewId} --output ${path}`;
}

function bodyOf(
  output: unknown,
  { seen, options }: { readonly seen: Seen; readonly options: CorrectOptions },
): DecisionBody {
  return {
    action: 'correct',
    ...seen,
    output,
    correctionKind: options.style === true ? 'style' : 'substance',
    ...(options.reason === undefined ? {} : { reasonCode: options.reason }),
    ...noteOf(options),
  };
}
