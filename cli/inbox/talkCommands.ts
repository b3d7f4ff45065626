import type { Command } from 'commander';
import { printJson, printLine } from '../print';
import { clientFor } from '../session';
import { oneLine } from '../terminalText';
import { wholeNumber } from '../wholeNumber';
import { spaced, timeWords } from '../wording';
import { askOn, assignTo, noteOn, reviewIdFrom, undoOn } from './reviews';

const JSON_OPTION = ['--json', 'print the answer as JSON'] as const;
const REVIEW = ['<reviewId>', 'from the list; the id of its task will do'] as const;

/** What people do besides deciding: take it back, ask, tell each other, hand it on. */
export function addTalking(inbox: Command): void {
  addUndo(inbox);
  addAsk(inbox);
  addNote(inbox);
  addAssign(inbox);
}

function addUndo(inbox: Command): void {
  inbox
    .command('undo')
    .description('take your decision back, while its time lasts and nothing is delivered')
    .argument(...REVIEW)
    .option(...JSON_OPTION)
    .action(async (id: string, _options: unknown, command: Command) => {
      const answer = await undoOn(clientFor(command), reviewIdFrom(id));
      tell(
        command,
        answer,
        `Taken back: ${answer.undone.action}. The task ${answer.task.id} is ${spaced(answer.task.status)}.`,
      );
    });
}

function addAsk(inbox: Command): void {
  inbox
    .command('ask')
    .description('ask the caller a question; the review waits, and the answer is part of the next draft')
    .argument(...REVIEW)
    .requiredOption('--question <text>', 'what the caller is asked')
    .option(...JSON_OPTION)
    .action(async (id: string, _options: unknown, command: Command) => {
      const { question } = command.opts<{ question: string }>();
      const task = await askOn(clientFor(command), reviewIdFrom(id), question);
      tell(command, task, `Asked. The caller answers with: npx countersign tasks answer ${task.id} --text <text>`);
    });
}

function addNote(inbox: Command): void {
  inbox
    .command('note')
    .description('leave a note for other people, which decides nothing')
    .argument(...REVIEW)
    .requiredOption('--text <text>', 'what others are told')
    .option(...JSON_OPTION)
    .action(async (id: string, _options: unknown, command: Command) => {
      const note = await noteOn(clientFor(command), reviewIdFrom(id), command.opts<{ text: string }>().text);
      tell(command, note, `Noted at ${timeWords(note.at)}.`);
    });
}

function addAssign(inbox: Command): void {
  inbox
    .command('assign')
    .description('give a review to a member: a lead any, others what they hold')
    .argument(...REVIEW)
    .requiredOption('--to <memberId>', 'from npx countersign members list')
    .option('--lease-seconds <n>', 'for so long, 10 to 86400 (default: the lease of the task type)', wholeNumber)
    .option(...JSON_OPTION)
    .action(async (id: string, _options: unknown, command: Command) => {
      const { to, leaseSeconds } = command.opts<{ to: string; leaseSeconds?: number }>();
      const given = { to, ...(leaseSeconds !== undefined && { leaseSeconds }) };
      const claim = await assignTo(clientFor(command), reviewIdFrom(id), given);
      tell(command, claim, `Held by ${claim.by} until ${timeWords(claim.until)}.`);
    });
}

function tell(command: Command, answer: unknown, sentence: string): void {
  if (command.opts<{ json?: boolean }>().json === true) printJson(answer);
  else printLine(oneLine(sentence));
}
