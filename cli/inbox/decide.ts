import { reviewIdOf } from '../../contracts/words/names';
import type { Client } from '../client';
import { isProblem } from '../ClientProblem';
import { CliError } from '../CliError';
import { confirmed } from '../prompts';
import { isInteractive, printError, printJson, printLine, yellow } from '../print';
import { oneLine } from '../terminalText';
import { peopleWords, spaced, timeWords } from '../wording';
import { draftScreen } from './reviewScreen';
import { decideHolding, readReview, seenIn } from './reviews';
import type { DecisionAnswer, DecisionBody, Review, Seen } from './reviews';

export interface DecideOptions {
  /** The digest of a draft that was seen earlier: nothing is shown or asked again. */
  readonly digest?: string;
  readonly yes?: boolean;
  readonly note?: string;
  readonly json?: boolean;
  readonly idempotencyKey?: string;
}

/** A decision without what binds it to a draft. */
export type Unbound = Omit<DecisionBody, keyof Seen>;

/** Approves, declines or sends back: shows the draft, and decides on exactly that one. */
export async function decideOn(
  client: Client,
  reviewId: string,
  { unbound, options }: { readonly unbound: Unbound; readonly options: DecideOptions },
): Promise<void> {
  const { digest } = options;
  const seen = digest === undefined ? await shown(client, reviewId, { action: unbound.action, options }) : { digest };
  const body = { ...unbound, ...noteOf(options), ...seen };
  const answer = await showingNewerDraft(client, reviewId, () =>
    decideHolding(client, reviewId, { body, key: options.idempotencyKey }),
  );
  tellDecision(answer, options);
}

export function noteOf({ note }: DecideOptions): { note?: string } {
  return note === undefined ? {} : { note };
}

interface Showing {
  readonly action: Unbound['action'];
  readonly options: DecideOptions;
}

/** Approving needs a yes to what was shown: a person's, or one given beforehand. The others let nothing out. */
async function shown(client: Client, reviewId: string, { action, options }: Showing): Promise<Seen> {
  const needsYes = action === 'approve' && options.yes !== true;
  if (needsYes && !isInteractive()) throw new CliError(NOBODY_TO_ASK, 2);
  const review = await readReview(client, reviewId);
  // With --json the standard output is the answer alone.
  (options.json === true ? printError : printLine)(`${draftScreen(review)}\n`);
  if (needsYes && !(await confirmed('Approve this draft?'))) throw new CliError('Nothing was decided.');
  return seenIn(review);
}

const NOBODY_TO_ASK = [
  'Approving shows the draft and asks; there is no terminal to ask on.',
  '  --digest <digest>  approves the draft that you saw, and no other (npx countersign inbox show <id>)',
  '  --yes              approves whatever draft there is now',
].join('\n');

/** When the draft has changed in between, the newer one is shown before the refusal is told. */
export async function showingNewerDraft<T>(client: Client, reviewId: string, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if (isProblem(error, 'stale_digest')) await showNewer(client, reviewId);
    throw error;
  }
}

async function showNewer(client: Client, reviewId: string): Promise<void> {
  const newer: Review = await readReview(client, reviewId);
  printError(`${yellow('The draft is now this one:')}\n\n${draftScreen(newer)}\n`);
}

const DONE: Record<Unbound['action'], string> = {
  approve: 'Approved',
  correct: 'Corrected',
  decline: 'Declined',
  revise: 'Sent back: another draft is being made',
};

export function tellDecision(answer: DecisionAnswer, { json = false }: DecideOptions): void {
  if (json) printJson(answer);
  else printLine(decisionSentence(answer));
}

export function decisionSentence({ decision, task }: DecisionAnswer): string {
  const state = task.outcome === null ? spaced(task.status) : `${spaced(task.status)}, ${spaced(task.outcome)}`;
  const reviewId = reviewIdOf(task.id);
  const sentences = [
    `${DONE[decision.action]}.`,
    ...(decision.missingApprovals > 0 ? [`${peopleWords(decision.missingApprovals)} more must approve.`] : []),
    `The task ${task.id} is ${state}.`,
  ];
  const undo = decision.undoUntil === null ? [] : [undoWords(reviewId, decision.undoUntil)];
  return [sentences.join(' '), ...undo].map(oneLine).join('\n');
}

function undoWords(reviewId: string, until: string): string {
  return `You can take it back until ${timeWords(until)}: npx countersign inbox undo ${reviewId}`;
}
