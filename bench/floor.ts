/**
 * What the product costs above Temporal. In one run on one dev server: a bare workflow of the same shape (two steps, an
 * approval, one step) against the escalated way through HTTP: cycles per second with 50 at once, and the time from an
 * approval to the end. `--cycles 400 --resumes 100 --type invoice-extract`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startInstallation } from '../scripts/setup/installation.mjs';
import { Processes } from '../scripts/setup/Processes.mjs';
import { startUntilReady } from '../scripts/setup/readyLine.mjs';
import { atOnce } from './atOnce';
import { cpuMsEach } from './cpuTime';
import { bareDriver } from './floor/bareDriver';
import { countersignDriver } from './floor/countersignDriver';
import type { Driver } from './floor/driver';
import { SAMPLE_INPUTS } from './floor/sampleInputs';
import { quantile, report, round } from './report';

const ROOT = path.join(__dirname, '..');
const AT_ONCE = 50;

interface Measured {
  readonly cyclesPerSecond: number;
  readonly resumeP50Ms: number;
  readonly resumeP95Ms: number;
  /** Processor time of each process for a cycle: where the rest goes. */
  readonly cpuMsPerCycle: Record<string, number>;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      cycles: { type: 'string', default: '400' },
      resumes: { type: 'string', default: '100' },
      type: { type: 'string', default: 'invoice-extract' },
    },
  });
  const counts = { cycles: Number(values.cycles), resumes: Number(values.resumes) };
  const home = mkdtempSync(path.join(tmpdir(), 'countersign-floor-'));
  process.env.COUNTERSIGN_HOME = home;
  const processes = new Processes();
  try {
    const installation = await startInstallation({ root: ROOT, log: console.error, processes });
    const bareWorker = await startBareWorker(processes, installation.temporalAddress);
    const pids = { driver: process.pid, ...installation.pids, bareWorker };
    const bare = await measure(await bareDriver(installation.temporalAddress), { ...counts, pids });
    console.error('bare', bare);
    const input = SAMPLE_INPUTS[values.type];
    if (!input)
      throw new RangeError(
        `no sample input for ${values.type}; there is one for ${Object.keys(SAMPLE_INPUTS).join(', ')}`,
      );
    const { baseUrl, adminApiKey, callerApiKey } = installation;
    const target = { baseUrl, adminApiKey, callerApiKey, type: values.type, input };
    const product = await measure(countersignDriver(target), {
      ...counts,
      pids,
    });
    console.error('countersign', product);
    tell({ bare, product, type: values.type });
  } finally {
    await processes.stopAll();
    rmSync(home, { recursive: true, force: true });
  }
}

async function startBareWorker(processes: Processes, address: string): Promise<number> {
  const options = {
    name: 'bare worker',
    command: process.execPath,
    args: ['--import', 'tsx', path.join(__dirname, 'bare', 'worker.ts')],
    cwd: ROOT,
    env: { ...process.env, TEMPORAL_ADDRESS: address },
  };
  const { pid } = await startUntilReady(processes, options, (line) =>
    line === 'bare worker ready' ? line : undefined,
  );
  return pid;
}

interface Counts {
  readonly cycles: number;
  readonly resumes: number;
  readonly pids: Readonly<Record<string, number>>;
}

async function measure(driver: Driver, counts: Counts): Promise<Measured> {
  await atOnce(AT_ONCE, AT_ONCE, () => driver.cycle());
  const startedAt = performance.now();
  const cycles = () => atOnce(counts.cycles, AT_ONCE, () => driver.cycle());
  const cpuMsPerCycle = await cpuMsEach(counts.pids, counts.cycles, cycles);
  const seconds = (performance.now() - startedAt) / 1000;
  const resumes: number[] = [];
  await atOnce(counts.resumes, 1, async () => void resumes.push(await driver.resume()));
  await driver.close();
  return {
    cyclesPerSecond: round(counts.cycles / seconds, 1),
    resumeP50Ms: round(quantile(resumes, 0.5), 1),
    resumeP95Ms: round(quantile(resumes, 0.95), 1),
    cpuMsPerCycle,
  };
}

function tell({ bare, product, type }: { bare: Measured; product: Measured; type: string }): void {
  const store = process.env.DATABASE_URL === undefined ? 'embedded' : 'postgres';
  const cyclesRatio = round(product.cyclesPerSecond / bare.cyclesPerSecond);
  const resumeRatio = round(product.resumeP50Ms / bare.resumeP50Ms);
  const figures = { type, store, atOnce: AT_ONCE, bare, countersign: product, cyclesRatio, resumeRatio };
  report('floor', figures, {
    cyclesRatio: { seen: cyclesRatio, atLeast: 0.5 },
    resumeRatio: { seen: resumeRatio, atMost: 2 },
  });
}

void main();
