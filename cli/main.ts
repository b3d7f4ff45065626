import { Command, CommanderError } from 'commander';
import { ClientProblem } from './ClientProblem';
import { CliError } from './CliError';
import { addInboxCommands } from './inbox/inboxCommands';
import { addKeyCommands } from './keyCommands';
import { addMemberCommands } from './memberCommands';
import { printError, printJson, red } from './print';
import { addProcessCommands } from './processCommands';
import { refusalText } from './refusal';
import { addTaskCommands } from './taskCommands';
import { forTerminal, terminalText } from './terminalText';

const DONE = 0;
const FAILED = 1;
const USAGE = 2;

function buildProgram(): Command {
  const program = new Command('countersign')
    .description('AI tasks that are countersigned, by a person or by earned autonomy')
    .option('--url <url>', 'address of the API (else COUNTERSIGN_URL, else the one that `npm start` runs)')
    .option('--api-key <key>', 'who asks (else COUNTERSIGN_API_KEY, which others on this machine can not see)')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({ outputError: (text, write) => write(terminalText(text)) })
    .showHelpAfterError('(add --help for what there is)')
    .exitOverride();
  addInboxCommands(program);
  addTaskCommands(program);
  addKeyCommands(program);
  addMemberCommands(program);
  addProcessCommands(program);
  program.addHelpText('after', '\nExit codes: 0 done, 1 refused or failed, 2 not asked for rightly.');
  return program;
}

/** Tells a failure to whoever asked, and gives the exit code. */
function tell(error: unknown): number {
  // Commander has told it.
  if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : USAGE;
  if (error instanceof ClientProblem) {
    if (process.argv.includes('--json')) printJson(error.body);
    printError(red(refusalText(error)));
    return FAILED;
  }
  if (error instanceof CliError) {
    printError(red(terminalText(error.message)));
    return error.exitCode;
  }
  const { name, message, stack } = Object(error) as Partial<Error>;
  // What is wrong with the configuration is told in full by its own message. All else is a defect, which needs its stack.
  printError(name === 'ConfigError' ? (message ?? '') : forTerminal(stack ?? String(error)));
  return FAILED;
}

/** Whoever reads our output, `head` say, may have had enough. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(DONE);
  throw error;
});

buildProgram()
  .parseAsync()
  .catch((error: unknown) => {
    process.exitCode = tell(error);
  });
