import { type Connection, isGrpcServiceError, ServiceError } from '@temporalio/client';
import { closeTemporalClient } from '../platform/temporal';
import { FolderLockedError } from '../store/folderLock';
import { installRuntime } from '../worker/runtime';
import { type Installation, openInstallation, projectRoot } from './assemble';
import { CliError } from './CliError';
import { printError, printJson, printLine } from './print';
import { rebuildInbox } from './rebuild';
import { isRight, rebuildScreen } from './rebuildReport';

export interface RebuildCommandOptions {
  readonly tenant?: string;
  readonly only?: readonly string[];
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const TELL_PROGRESS_EVERY = 500;

/** Standard output has the report alone. Exit code 1 where something is not right after it: what is said has to be looked at. */
export async function runRebuild({ tenant, only, dryRun = false, json = false }: RebuildCommandOptions): Promise<void> {
  const installation = await opened();
  const runtime = installRuntime(installation.log);
  try {
    await (installation.client.connection as Connection).ensureConnected();
    const report = await rebuildInbox(needsOf(installation), {
      isDryRun: dryRun,
      ...(tenant !== undefined && { tenant }),
      ...(only && { only }),
      onProgress: (tasks) => void (tasks % TELL_PROGRESS_EVERY === 0 && printError(`${tasks} tasks looked at`)),
    });
    if (json) printJson(report);
    else printLine(rebuildScreen(report));
    if (!isRight(report)) process.exitCode = 1;
  } catch (error) {
    throw isOfTemporal(error) ? new CliError(unreachable(installation, error)) : error;
  } finally {
    await closeTemporalClient(installation.client);
    await installation.store.close();
    await runtime.shutdown();
  }
}

async function opened(): Promise<Installation> {
  try {
    return await openInstallation({ process: 'rebuild', root: projectRoot, env: process.env, logTo: process.stderr });
  } catch (error) {
    if (error instanceof FolderLockedError) throw new CliError(`${error.message}\n${HOW_WITH_EMBEDDED_STORE}`);
    throw error;
  }
}

const HOW_WITH_EMBEDDED_STORE =
  'To rebuild, stop that process and run Temporal by itself: docs/runbooks/inbox-is-wrong.md says how.';

function needsOf({ store, client, config }: Installation) {
  return { store, client, taskQueue: config.temporal.taskQueue };
}

function isOfTemporal(error: unknown): error is Error {
  return (
    isGrpcServiceError(error) ||
    error instanceof ServiceError ||
    (error instanceof Error && /connect/i.test(error.message))
  );
}

function unreachable({ config }: Installation, { message }: Error): string {
  return [
    `Temporal does not answer at ${config.temporal.address}: ${message}. What was rebuilt so far stays; run the same again when it does.`,
    '  With the embedded installation Temporal ends with `npm start`: docs/runbooks/inbox-is-wrong.md says how to run it by itself.',
  ].join('\n');
}
