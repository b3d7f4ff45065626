import { join } from 'node:path';
import { ensureTemporal } from '../../scripts/setup/ensureTemporal.mjs';
import { anyFreePort } from '../../scripts/setup/freePort.mjs';
import { Processes } from '../../scripts/setup/Processes.mjs';
import { startTemporalServer } from '../../scripts/setup/temporalServer.mjs';
import { PURE_SUITES } from '../../scripts/setup/pureSuites.mjs';

const ROOT = join(__dirname, '..', '..');

/** What this run started, for globalTeardown; both run in the same process. */
export const processes = new Processes();

/** What is needed here of Jest's global configuration: the paths that the command line selects. */
interface SelectedTests {
  readonly testPathPatterns: { readonly patterns: readonly string[] };
}

/**
 * One Temporal for the whole run, in memory, told to the tests in TEMPORAL_ADDRESS; each test file has a task queue of
 * its own. A server that TEMPORAL_ADDRESS names already is used as it is. Runs of pure rooms alone need none.
 */
export default async function globalSetup({ testPathPatterns }: SelectedTests): Promise<void> {
  endWithParent();
  if (isPure(testPathPatterns.patterns)) return;
  const temporal = await ensureTemporal({ root: ROOT, env: process.env, log: (line) => console.log(line) });
  if (temporal.kind === 'address') return;
  const port = await anyFreePort();
  const { address } = await startTemporalServer({ processes, cli: temporal.path, cwd: ROOT, port });
  process.env.TEMPORAL_ADDRESS = address;
}

function isPure(patterns: readonly string[]): boolean {
  return patterns.length > 0 && patterns.every((pattern) => PURE_SUITES.some((suite) => pattern.includes(suite)));
}

/** When the command that runs Jest is killed, Jest ends too, and with it what it started. */
function endWithParent(): void {
  if (process.channel === undefined) return;
  process.once('disconnect', () => process.exit(1));
  process.channel.unref();
}
