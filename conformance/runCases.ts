import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Adapter } from './adapter';
import { Outside } from './outside';
import { type Case, fail, type Outcome, Trial } from './trial';
import { Unmet } from './until';

const CASE_TIMEOUT_MS = 240_000;

export interface CaseResult extends Outcome {
  readonly number: number;
  readonly title: string;
  readonly made: Made;
}

/** Of what a result is, and from when. */
export interface Made {
  /** Of the system. */
  readonly version: string;
  readonly date: string;
  /** Of this repository. */
  readonly commit: string;
}

export interface Column {
  readonly name: string;
  readonly title: string;
  readonly version: string;
  readonly seconds: number;
  readonly results: readonly CaseResult[];
}

export interface RunOptions {
  readonly cases: readonly Case[];
  /** The commit of this repository that is run. */
  readonly commit: string;
  /** How often a race is run. */
  readonly rounds: number;
  /** Logs are kept here; default: a folder that is removed at the end. */
  readonly logFolder?: string;
  readonly tell: (line: string) => void;
}

/** Puts one system through the cases. */
export async function runCases(adapter: Adapter, options: RunOptions): Promise<Column> {
  const startedAt = performance.now();
  const folder = folderFor(adapter, options);
  const outside = await Outside.open();
  const results: CaseResult[] = [];
  const made = { version: adapter.version(), date: new Date().toISOString().slice(0, 10), commit: options.commit };
  try {
    const system = await adapter.open({ outside, folder });
    try {
      const trial = new Trial(system, outside, options.rounds);
      for (const each of options.cases) {
        const outcome = await outcomeOf(each, adapter, trial);
        options.tell(`${adapter.name} ${each.number} ${outcome.result}: ${outcome.observed}`);
        results.push({ number: each.number, title: each.title, ...outcome, made });
      }
    } finally {
      await system.close();
    }
  } finally {
    await outside.close();
    if (options.logFolder === undefined) rmSync(folder, { recursive: true, force: true });
  }
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  return { name: adapter.name, title: adapter.title, version: made.version, seconds, results };
}

function folderFor({ name }: Adapter, { logFolder }: RunOptions): string {
  if (logFolder === undefined) return mkdtempSync(join(tmpdir(), 'countersign-conformance-'));
  const folder = join(logFolder, name);
  mkdirSync(folder, { recursive: true });
  return folder;
}

async function outcomeOf(each: Case, adapter: Adapter, trial: Trial): Promise<Outcome> {
  const reason = adapter.notOffered[each.number];
  if (reason !== undefined) return { result: 'not offered', observed: reason };
  const outcome = await ended(each, trial);
  try {
    await trial.tidy();
  } catch (error) {
    return fail(`${outcome.observed}; then the system did not come up again: ${(error as Error).message}`);
  }
  return outcome;
}

async function ended(each: Case, trial: Trial): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  const isLate = new Promise<Outcome>((resolve) => {
    timer = setTimeout(() => resolve(fail(`it did not end within ${CASE_TIMEOUT_MS / 1000} s`)), CASE_TIMEOUT_MS);
  });
  try {
    return await Promise.race([each.run(trial), isLate]);
  } catch (error) {
    const { message } = error as Error;
    return fail(error instanceof Unmet ? message : `it could not be carried through: ${message}`);
  } finally {
    clearTimeout(timer);
  }
}
