import type { Command } from 'commander';
import type { AnswerOf } from '../contracts/http/operation';
import type { task, timeline } from '../contracts/http/tasks';
import { bold, cyan, printJson, printLine } from './print';
import { clientFor } from './session';
import { evidenceWords, readable } from './readable';
import { table } from './table';
import { forTerminal } from './terminalText';
import { wholeNumber } from './wholeNumber';
import { dollars, durationWords, probabilityWords, spaced, timeWords } from './wording';

type Task = AnswerOf<typeof task>;
type Timeline = AnswerOf<typeof timeline>;

/** `countersign tasks`: what became of a task, and how. */
export function addTaskCommands(program: Command): void {
  const tasks = program.command('tasks').description('tasks: how they stand, how they went');
  tasks
    .command('show')
    .description('show a task, with its output once delivered')
    .argument('<taskId>')
    .option('--wait-seconds <n>', 'wait so long for its end, 0 to 60 (default: 0)', wholeNumber)
    .option('--json', 'print the answer as JSON')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { waitSeconds, json = false } = command.opts<{ waitSeconds?: number; json?: boolean }>();
      const shown = await clientFor(command).get<Task>(pathOf(id), { waitSeconds });
      if (json) printJson(shown);
      else printLine(taskScreen(shown));
    });
  tasks
    .command('timeline')
    .description('show the steps of a task')
    .argument('<taskId>')
    .option('--json', 'print the answer as JSON')
    .action(async (id: string, _options: unknown, command: Command) => {
      const shown = await clientFor(command).get<Timeline>(`${pathOf(id)}/timeline`);
      if (command.opts<{ json?: boolean }>().json === true) printJson(shown);
      else printLine(timelineScreen(shown));
    });
  addSaying(tasks);
}

function addSaying(tasks: Command): void {
  tasks
    .command('answer')
    .description("say more about a task: a reviewer's question, or unasked; it is part of the next draft")
    .argument('<taskId>')
    .requiredOption('--text <text>', 'what is said')
    .option('--json', 'print the answer as JSON')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { text, json = false } = command.opts<{ text: string; json?: boolean }>();
      const answered = await clientFor(command).post<Task>(`${pathOf(id)}/answers`, { text });
      if (json) printJson(answered ?? null);
      else printLine('Said: it is part of the next draft.');
    });
  tasks
    .command('cancel')
    .description('cancel a task that has not ended')
    .argument('<taskId>')
    .option('--reason <text>', 'kept with the task')
    .option('--json', 'print the answer as JSON')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { reason, json = false } = command.opts<{ reason?: string; json?: boolean }>();
      const body = reason === undefined ? {} : { reason };
      const cancelled = await clientFor(command).post<Task>(`${pathOf(id)}/cancel`, body);
      if (json) printJson(cancelled ?? null);
      else printLine('Cancelled: nothing is delivered any more.');
    });
}

function pathOf(taskId: string): string {
  return `/v1/tasks/${encodeURIComponent(taskId)}`;
}

function taskScreen(raw: Task): string {
  const shown = forTerminal(raw);
  const state = shown.outcome === null ? spaced(shown.status) : `${spaced(shown.status)}, ${spaced(shown.outcome)}`;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['class', shown.class === null ? undefined : `${shown.class.name} ${probabilityWords(shown.class.probability)}`],
    ['confidence', shown.confidence === null ? undefined : probabilityWords(shown.confidence.score)],
    ['reasons', shown.reasons.length === 0 ? undefined : shown.reasons.map(spaced).join(', ')],
    ['review', shown.review === null ? undefined : `${shown.review.id}, ${spaced(shown.review.status)}`],
    [
      'permit',
      shown.permit === null ? undefined : `${shown.permit.kind} by ${shown.permit.by}, ${timeWords(shown.permit.at)}`,
    ],
    ['asked', shown.question === null ? undefined : `${shown.question.text} (${timeWords(shown.question.askedAt)})`],
    ['cost', `${dollars(shown.cost.totalMicroUsd)} (people ${durationWords(shown.cost.humanSeconds)})`],
    ['reference', shown.reference ?? undefined],
    ['created', timeWords(shown.createdAt)],
    ['completed', shown.completedAt === null ? undefined : timeWords(shown.completedAt)],
  ];
  const lines = facts.flatMap(([name, value]) => (value === undefined ? [] : [`  ${name.padEnd(11)}${value}`]));
  const output = shown.output === null ? [] : ['', bold(cyan('Output')), readable(shown.output)];
  return [bold(`${shown.id} · ${shown.type} · ${state}`), ...lines, ...output].join('\n');
}

function timelineScreen(raw: Timeline): string {
  const { steps } = forTerminal(raw);
  if (steps.length === 0) return 'No step has ended yet.';
  const rows = steps.map(({ name, startedAt, endedAt, result, evidence, costMicroUsd }) => [
    name,
    timeWords(startedAt),
    `${Date.parse(endedAt) - Date.parse(startedAt)} ms`,
    costMicroUsd === 0 ? '–' : dollars(costMicroUsd),
    result,
    evidenceWords(evidence),
  ]);
  return table(['STEP', 'BEGAN', 'TOOK', 'COST', 'RESULT', 'EVIDENCE'], rows);
}
