import type { Command } from 'commander';
import type { member, postSignInLink } from '../contracts/http/members';
import type { AnswerOf } from '../contracts/http/operation';
import { ROLES } from '../contracts/words/roles';
import { allOf } from './allOf';
import { listOption } from './listOption';
import { printError, printJson, printLine } from './print';
import { clientFor, connectionFor } from './session';
import { table } from './table';
import { oneLine } from './terminalText';
import { timeWords } from './wording';

type Member = AnswerOf<typeof member>;
type SignInLink = AnswerOf<(typeof postSignInLink)['answers'][201]['schema']>;

interface NewMember {
  readonly name: string;
  readonly role: readonly string[];
  readonly email?: string;
  readonly slackUserId?: string;
  readonly queue?: readonly string[];
  readonly locale?: string;
  readonly json?: boolean;
}

/** `countersign members` and `countersign sign-in-link`: who the people are. */
export function addMemberCommands(program: Command): void {
  const members = program.command('members').description('members: the people who decide, and their roles');
  members
    .command('add')
    .description('make a member; keys for them are made with: keys create --member')
    .requiredOption('--name <text>', 'what others call them')
    .requiredOption('--role <role,…>', `one or more of: ${ROLES.join(', ')}`, listOption)
    .option('--email <address>', 'where they are told of reviews')
    .option('--slack-user-id <id>', 'the same in Slack, such as U012AB3CD')
    .option('--queue <queue,…>', 'the queues they are told of (default: all)', listOption)
    .option('--locale <tag>', 'how times are written for them, such as en-GB')
    .option('--json', 'print the answer as JSON')
    .action(async (_options: unknown, command: Command) => addMember(command));
  members
    .command('list')
    .description('list members')
    .option('--json', 'print the answer as JSON')
    .action(async (_options: unknown, command: Command) => listMembers(command));
  members
    .command('remove')
    .description('deactivate a member: their keys and sessions stop working within seconds')
    .argument('<memberId>', 'from the list')
    .action(async (id: string, _options: unknown, command: Command) => {
      await clientFor(command).delete(pathOf(id));
      printLine(`Deactivated: ${oneLine(id)}.`);
    });
  program
    .command('sign-in-link')
    .description('make a link that signs a member in, once, within an hour, on the machine that runs the API')
    .requiredOption('--member <memberId>', 'from the list')
    .action(async (_options: unknown, command: Command) => signInLink(command));
}

function pathOf(memberId: string): string {
  return `/v1/members/${encodeURIComponent(memberId)}`;
}

async function addMember(command: Command): Promise<void> {
  const { name, role, email, slackUserId, queue, locale, json = false } = command.opts<NewMember>();
  const body = {
    ...{ name, roles: role },
    ...(email !== undefined && { email }),
    ...(slackUserId !== undefined && { slackUserId }),
    ...(queue && { queues: queue }),
    ...(locale !== undefined && { locale }),
  };
  const made = await clientFor(command).post<Member>('/v1/members', body);
  if (json || made === undefined) return printJson(made ?? null);
  printError(`${oneLine(made.name)} is a member: ${made.roles.join(', ')}. Make a key for them with:`);
  printError(`  npx countersign keys create --name laptop --member ${oneLine(made.id)}`);
  printLine(oneLine(made.id));
}

async function listMembers(command: Command): Promise<void> {
  const page = await allOf<Member>(clientFor(command), '/v1/members');
  if (command.opts<{ json?: boolean }>().json === true) return printJson(page);
  const rows = page.items.map((each) => [
    each.id,
    each.name,
    each.roles.join(' '),
    each.queues.join(' ') || 'all',
    each.email ?? '-',
    each.deactivatedAt === null ? 'active' : `left ${timeWords(each.deactivatedAt)}`,
  ]);
  printLine(table(['ID', 'NAME', 'ROLES', 'QUEUES', 'E-MAIL', 'STANDING'], rows));
}

async function signInLink(command: Command): Promise<void> {
  const { member: id } = command.opts<{ member: string }>();
  const made = await clientFor(command).post<SignInLink>(`${pathOf(id)}/sign-in-links`);
  if (made !== undefined) printLine(oneLine(connectionFor(command).baseUrl + made.path));
}
