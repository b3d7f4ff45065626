import type { Command } from 'commander';
import { clientFor } from '../session';
import { isInteractive, printJson, printLine } from '../print';
import { oneLine } from '../terminalText';
import { wholeNumber } from '../wholeNumber';
import { timeWords } from '../wording';
import { approveMany } from './approveMany';
import { correct } from './correct';
import type { CorrectOptions } from './correct';
import { decideOn } from './decide';
import type { DecideOptions } from './decide';
import { workThroughInbox } from './interactive';
import { addTalking } from './talkCommands';
import { reviewScreen } from './reviewScreen';
import { reviewTable } from './reviewTable';
import { claimNext, holdReview, listReviews, readReview, releaseReview, reviewIdFrom, titlesOfTypes } from './reviews';
import type { ReviewFilter } from './reviews';

const JSON_OPTION = ['--json', 'print the answer as JSON'] as const;

/** `countersign inbox`, where a person decides. */
export function addInboxCommands(program: Command): void {
  const inbox = program
    .command('inbox')
    .description('decide what waits for a person; without a subcommand, step by step (on a terminal) or the list')
    .allowExcessArguments()
    .action(async (_options: unknown, command: Command) => openInbox(command));
  addReading(inbox);
  addClaiming(inbox);
  addDecisions(inbox);
  addTalking(inbox);
  // They have it from `inbox`, which tells an unknown command itself: who gave ids too many would think that all were decided.
  for (const each of inbox.commands) each.allowExcessArguments(false);
}

async function openInbox(command: Command): Promise<void> {
  const [unknown] = command.args;
  if (unknown !== undefined) {
    const known = command.commands.map((each) => each.name()).join(', ');
    command.error(`error: unknown command '${unknown}' of inbox; it has: ${known}`);
  }
  if (!isInteractive()) return list(command);
  await workThroughInbox(clientFor(command));
}

function addReading(inbox: Command): void {
  inbox
    .command('list')
    .description('list reviews, the one that is due first on top')
    .option('--queue <name>', 'of this queue')
    .option('--type <name>', 'of this task type')
    .option('--class <name>', 'of this class')
    .option('--reason <reason>', 'escalated for this reason')
    .option('--status <status,…>', 'open, claimed, waiting_for_caller, revising, closed (default: the first three)')
    .option('--limit <n>', 'at most so many, 1 to 200 (default: 50)', wholeNumber)
    .option(...JSON_OPTION)
    .action(async (_options: unknown, command: Command) => list(command));
  inbox
    .command('show')
    .description('show everything that a decision needs')
    .argument('<reviewId>', 'from the list; the id of its task will do')
    .option('--reveal', 'show personal data: needs the scope personal_data:read, and is audited')
    .option(...JSON_OPTION)
    .action(async (id: string, _options: unknown, command: Command) => {
      const { reveal = false, json = false } = command.opts<{ reveal?: boolean; json?: boolean }>();
      const review = await readReview(clientFor(command), reviewIdFrom(id), { reveal });
      if (json) printJson(review);
      else printLine(reviewScreen(review, Date.now()));
    });
}

async function list(command: Command): Promise<void> {
  const client = clientFor(command);
  const { json = false, ...filter } = command.opts<ReviewFilter & { json?: boolean }>();
  const page = await listReviews(client, filter);
  if (json) return printJson(page);
  printLine(reviewTable(page, { titles: await titlesOfTypes(client), nowMs: Date.now() }));
}

function addClaiming(inbox: Command): void {
  inbox
    .command('next')
    .description('claim the most urgent open review and show it')
    .option('--queue <name>', 'of this queue')
    .option(...JSON_OPTION)
    .action(async (_options: unknown, command: Command) => {
      const { queue, json = false } = command.opts<{ queue?: string; json?: boolean }>();
      const review = await claimNext(clientFor(command), queue);
      if (json) printJson(review ?? null);
      else printLine(review === undefined ? 'Nothing to decide.' : reviewScreen(review, Date.now()));
    });
  for (const [how, description] of [
    ['claim', 'hold a review, so that nobody else decides on it'],
    ['extend', 'hold it longer'],
  ] as const) {
    inbox
      .command(how)
      .description(description)
      .argument('<reviewId>')
      .option('--lease-seconds <n>', 'for so long, 10 to 86400 (default: the lease of the task type)', wholeNumber)
      .option(...JSON_OPTION)
      .action(async (id: string, _options: unknown, command: Command) => {
        const { leaseSeconds, json = false } = command.opts<{ leaseSeconds?: number; json?: boolean }>();
        const claim = await holdReview(clientFor(command), reviewIdFrom(id), { how, leaseSeconds });
        if (json) printJson(claim);
        else printLine(`Held by ${oneLine(claim.by)} until ${timeWords(claim.until)}.`);
      });
  }
  inbox
    .command('release')
    .description('give a review back undecided')
    .argument('<reviewId>')
    .action(async (id: string, _options: unknown, command: Command) => {
      await releaseReview(clientFor(command), reviewIdFrom(id));
      printLine('Released: others can claim it.');
    });
}

function addDecisions(inbox: Command): void {
  decision(inbox, 'approve', 'let exactly this draft out; or many, each by itself')
    .argument('[more...]', 'further reviews, 200 in all')
    .option('--yes', 'do not ask: approve whatever draft there is now')
    .action(async (id: string, more: readonly string[], _options: unknown, command: Command) => {
      const options = command.opts<DecideOptions>();
      const reviewIds = [id, ...more].map(reviewIdFrom);
      if (more.length > 0) return approveMany(clientFor(command), reviewIds, options);
      await decideOn(clientFor(command), reviewIdFrom(id), { unbound: { action: 'approve' }, options });
    });
  decision(inbox, 'correct', 'change the output in $VISUAL or $EDITOR (else vi), and let that out')
    .option('--output <file>', 'take the whole corrected output, JSON, from this file')
    .option('--style', 'only the wording changed, not what is said')
    .option('--reason <code>', 'why, in a code of yours: lower case and underscores')
    .action(async (id: string, _options: unknown, command: Command) =>
      correct(clientFor(command), reviewIdFrom(id), command.opts<CorrectOptions>()),
    );
  decision(inbox, 'decline', 'end the task without an output')
    .requiredOption('--reason <code>', 'why, in a code of yours: lower case and underscores')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { reason, ...options } = command.opts<DecideOptions & { reason: string }>();
      const unbound = { action: 'decline', reasonCode: reason } as const;
      await decideOn(clientFor(command), reviewIdFrom(id), { unbound, options });
    });
  decision(inbox, 'revise', 'send the draft back; another one is made and comes to review')
    .requiredOption('--guidance <text>', 'what the next draft must do better')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { guidance, ...options } = command.opts<DecideOptions & { guidance: string }>();
      const unbound = { action: 'revise', guidance } as const;
      await decideOn(clientFor(command), reviewIdFrom(id), { unbound, options });
    });
}

function decision(inbox: Command, name: string, description: string): Command {
  return inbox
    .command(name)
    .description(description)
    .argument('<reviewId>', 'from the list; the id of its task will do')
    .option('--digest <digest>', 'of the draft that you saw: the decision holds for that one only')
    .option('--note <text>', 'kept with the decision')
    .option('--idempotency-key <key>', 'the key of a decision whose answer was lost')
    .option(...JSON_OPTION);
}
