import type { Client } from '../client';
import { ClientProblem } from '../ClientProblem';
import { CliError } from '../CliError';
import { printLine } from '../print';
import { asked, confirmed, loadPrompts } from '../prompts';
import { refusalText } from '../refusal';
import { terminalText } from '../terminalText';
import { correctInEditor } from './correct';
import { decisionSentence } from './decide';
import { reviewScreen } from './reviewScreen';
import { reviewLine } from './reviewTable';
import {
  askOn,
  decideHolding,
  givingBackUnlessDone,
  holdReview,
  listReviews,
  noteOn,
  readReview,
  titlesOfTypes,
  seenIn,
} from './reviews';
import type { DecisionBody, Review } from './reviews';

const LEAVE = 'leave';
const REFRESH = 'refresh';

/** The inbox of a person at a terminal: pick a review, read it, decide, and on to the next, until they leave. */
export async function workThroughInbox(client: Client): Promise<void> {
  const { log, outro } = await loadPrompts();
  const titles = await titlesOfTypes(client);
  for (;;) {
    const reviewId = await pickReview(client, titles);
    if (reviewId === undefined) return outro('The inbox is left.');
    if (reviewId === REFRESH) continue;
    try {
      const done = await openReview(client, reviewId);
      if (done !== undefined) log.success(done);
    } catch (error) {
      // A refusal concerns one review; the list has the others.
      log.warn(toldOrThrown(error));
    }
  }
}

function toldOrThrown(error: unknown): string {
  if (error instanceof ClientProblem) return refusalText(error);
  if (error instanceof CliError) return terminalText(error.message);
  throw error;
}

async function pickReview(client: Client, titles: ReadonlyMap<string, string>): Promise<string | undefined> {
  const { select, isCancel } = await loadPrompts();
  const { items } = await listReviews(client, { limit: 50 });
  const nowMs = Date.now();
  const choice = await select({
    message: items.length === 0 ? 'Nothing to decide.' : 'Which review?',
    maxItems: 15,
    options: [
      ...items.map((row) => ({ value: row.id, label: reviewLine(row, { titles, nowMs }) })),
      { value: REFRESH, label: 'Look again' },
      { value: LEAVE, label: 'Leave' },
    ],
  });
  return isCancel(choice) || choice === LEAVE ? undefined : choice;
}

/** Opening a review claims it, so that no two people work on one; going back without a decision gives it back. */
async function openReview(client: Client, reviewId: string): Promise<string | undefined> {
  await holdReview(client, reviewId, { how: 'claim' });
  const review = await readReview(client, reviewId);
  printLine(`\n${reviewScreen(review, Date.now())}\n`);
  return givingBackUnlessDone(client, reviewId, () => chooseAction(client, review));
}

/** What was done, in a sentence; undefined when nothing was. */
async function chooseAction(client: Client, review: Review): Promise<string | undefined> {
  const { select } = await loadPrompts();
  const choice = await select({
    message: 'What now?',
    options: [
      ...(review.draft === null ? [] : [{ value: 'approve', label: 'Approve the draft' }]),
      { value: 'correct', label: 'Correct it in the editor' },
      { value: 'decline', label: 'Decline' },
      { value: 'revise', label: 'Send back with guidance' },
      { value: 'ask', label: 'Ask the caller a question' },
      { value: 'note', label: 'Leave a note for others, and give it back' },
      { value: 'back', label: 'Back, and give it back' },
    ],
  });
  if (choice === 'ask') return askFromTerminal(client, review.id);
  if (choice === 'note') return noteFromTerminal(client, review.id);
  if (choice === 'correct') {
    return decisionSentence(await correctInEditor(client, review.id, {}));
  }
  const body = await bodyFor(choice, review);
  return body === undefined ? undefined : decisionSentence(await decideHolding(client, review.id, { body }));
}

async function askFromTerminal(client: Client, reviewId: string): Promise<string | undefined> {
  const question = await asked('What do you ask the caller?', saysSomething);
  if (question === undefined) return undefined;
  await askOn(client, reviewId, question);
  return 'Asked. The review waits for the caller, and stays yours until your claim ends.';
}

/** A note decides nothing, so the review is given back. */
async function noteFromTerminal(client: Client, reviewId: string): Promise<undefined> {
  const text = await asked('Your note', saysSomething);
  if (text !== undefined) await noteOn(client, reviewId, text);
}

function saysSomething(text: string): string | undefined {
  return text.trim() === '' ? 'Say something.' : undefined;
}

/** Undefined when the person thinks better of it. */
async function bodyFor(choice: string | symbol, review: Review): Promise<DecisionBody | undefined> {
  const seen = seenIn(review);
  if (choice === 'approve') {
    const effects = review.draft?.effects ?? [];
    const isMeant = effects.length === 0 || (await confirmed(`This has effects (${effects.length}). Approve?`));
    return isMeant ? { action: 'approve', ...seen } : undefined;
  }
  if (choice === 'decline') {
    const reasonCode = await asked('Reason code, such as not_ours', reasonCodeFault);
    return reasonCode === undefined ? undefined : { action: 'decline', ...seen, reasonCode };
  }
  if (choice === 'revise') {
    const guidance = await asked('What must the next draft do better?', saysSomething);
    return guidance === undefined ? undefined : { action: 'revise', ...seen, guidance };
  }
  return undefined;
}

function reasonCodeFault(text: string): string | undefined {
  return /^[a-z][a-z0-9_]{0,63}$/.test(text) ? undefined : 'Lower-case letters, digits and underscores, at most 64.';
}
