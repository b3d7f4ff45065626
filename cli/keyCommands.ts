import type { Command } from 'commander';
import type { apiKey, getWebhookSecret, postApiKey } from '../contracts/http/apiKeys';
import type { AnswerOf } from '../contracts/http/operation';
import { SCOPES } from '../contracts/words/vocabulary';
import { allOf } from './allOf';
import { CliError } from './CliError';
import { listOption } from './listOption';
import { printError, printJson, printLine } from './print';
import { clientFor } from './session';
import { table } from './table';
import { oneLine } from './terminalText';
import { wholeNumber } from './wholeNumber';
import { timeWords } from './wording';

type NewApiKey = AnswerOf<(typeof postApiKey)['answers'][201]['schema']>;
type WebhookSecret = AnswerOf<(typeof getWebhookSecret)['answers'][200]['schema']>;
type ApiKey = AnswerOf<typeof apiKey>;

/** `countersign keys` and `countersign webhook-secret`: what an administrator hands out. */
export function addKeyCommands(program: Command): void {
  const keys = program.command('keys').description('API keys: who may do what');
  keys
    .command('create')
    .description('make a key; it is shown this once')
    .requiredOption('--name <text>', 'whose it is, or what for')
    .option('--member <memberId>', 'the member whose key it is (default: none, the key is a service)')
    .option(
      '--scope <scope,…>',
      `one or more of: ${SCOPES.join(', ')} (default for a member: what the roles give)`,
      listOption,
    )
    .option('--expires-in-days <n>', 'it ends after so many days (default: never)', wholeNumber)
    .option('--json', 'print the answer as JSON')
    .action(async (_options: unknown, command: Command) => createKey(command));
  keys
    .command('list')
    .description('list keys, without the keys themselves')
    .option('--json', 'print the answer as JSON')
    .action(async (_options: unknown, command: Command) => listKeys(command));
  keys
    .command('revoke')
    .description('end a key: it stops working within seconds')
    .argument('<keyId>', 'from the list')
    .action(async (id: string, _options: unknown, command: Command) => {
      await clientFor(command).delete(`/v1/api-keys/${encodeURIComponent(id)}`);
      printLine(`Revoked: ${oneLine(id)}.`);
    });
  program
    .command('webhook-secret')
    .description('print the secret that signs webhooks')
    .action(async (_options: unknown, command: Command) => {
      printLine((await clientFor(command).get<WebhookSecret>('/v1/webhook-secret')).secret);
    });
}

async function createKey(command: Command): Promise<void> {
  const {
    name,
    member,
    scope,
    expiresInDays,
    json = false,
  } = command.opts<{
    name: string;
    member?: string;
    scope?: readonly string[];
    expiresInDays?: number;
    json?: boolean;
  }>();
  if (member === undefined && scope === undefined)
    throw new CliError('Say with --scope what the key is for, or with --member whose it is.', 2);
  const body = {
    name,
    ...(member !== undefined && { memberId: member }),
    ...(scope && { scopes: scope }),
    ...(expiresInDays !== undefined && { expiresInDays }),
  };
  const made = await clientFor(command).post<NewApiKey>('/v1/api-keys', body);
  if (made === undefined)
    throw new CliError('The server answered without the key. Look with: npx countersign keys list');
  if (json) return printJson(made);
  printError(`Key ${oneLine(made.id)} for ${oneLine(made.name)}. This is the only time that it is shown:`);
  printLine(oneLine(made.key));
}

async function listKeys(command: Command): Promise<void> {
  const page = await allOf<ApiKey>(clientFor(command), '/v1/api-keys');
  if (command.opts<{ json?: boolean }>().json === true) return printJson(page);
  const rows = page.items.map((key) => [
    key.id,
    key.name,
    key.prefix,
    key.memberId ?? 'a service',
    key.scopes.join(' '),
    timeWords(key.createdAt),
    standing(key),
  ]);
  printLine(table(['ID', 'NAME', 'BEGINS', 'OF', 'SCOPES', 'MADE', 'ENDS'], rows));
}

function standing({ revokedAt, expiresAt }: ApiKey): string {
  if (revokedAt !== null) return `revoked ${timeWords(revokedAt)}`;
  return expiresAt === null ? 'never' : timeWords(expiresAt);
}
