import path from 'node:path';
import { ensureTemporal } from '../../scripts/setup/ensureTemporal.mjs';
import { anyFreePort } from '../../scripts/setup/freePort.mjs';
import type { Processes } from '../../scripts/setup/Processes.mjs';
import { startTemporalServer } from '../../scripts/setup/temporalServer.mjs';

const ROOT = path.join(__dirname, '..', '..');

/** A Temporal in memory until `processes` are stopped, told in TEMPORAL_ADDRESS; one that is named there already is used as it is. */
export async function startTemporal(processes: Processes, log: (line: string) => void): Promise<void> {
  const temporal = await ensureTemporal({ root: ROOT, env: process.env, log });
  if (temporal.kind === 'address') return;
  const port = await anyFreePort();
  const { address } = await startTemporalServer({ processes, cli: temporal.path, cwd: ROOT, port });
  process.env.TEMPORAL_ADDRESS = address;
}
