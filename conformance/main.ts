/**
 * `npm run conformance`: puts this product and its peers through the cases, and writes the table. `--only NAME` (again for more),
 * `--case N` (again for more), `--rounds N` for races (default 20), `--logs FOLDER` keeps logs.
 */
import { parseArgs } from 'node:util';
import { ensureDependencies } from '../scripts/setup/ensureDependencies.mjs';
import { runCommand, SetupError } from '../scripts/setup/SetupError.mjs';
import type { Adapter } from './adapter';
import { countersign } from './adapters/countersign';
import { dbos } from './adapters/dbos';
import { langgraph } from './adapters/langgraph';
import { PEERS } from './adapters/peerSystem';
import { restate } from './adapters/restate';
import { ALL_CASES } from './cases/allCases';
import { commitNow } from './commit';
import { writeResults } from './report';
import { type Column, runCases } from './runCases';

const ADAPTERS: readonly Adapter[] = [countersign, langgraph, dbos, restate];
const ROUNDS = 20;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      case: { type: 'string', multiple: true },
      rounds: { type: 'string', default: String(ROUNDS) },
      logs: { type: 'string' },
    },
  });
  const adapters = ADAPTERS.filter(({ name }) => values.only?.includes(name) ?? true);
  const cases = ALL_CASES.filter(({ number }) => values.case?.includes(String(number)) ?? true);
  const rounds = Number(values.rounds);
  if (adapters.length === 0 || cases.length === 0 || !Number.isInteger(rounds) || rounds < 1)
    throw new SetupError('There is nothing to run.', [
      `--only takes ${ADAPTERS.map(({ name }) => name).join(', ')}; --case a number of the table; --rounds a count`,
    ]);
  if (adapters.some(({ name }) => name !== countersign.name))
    await ensureDependencies({ root: PEERS, log: console.error });
  const columns: Column[] = [];
  const commit = commitNow();
  const logs = values.logs === undefined ? {} : { logFolder: values.logs };
  for (const adapter of adapters)
    columns.push(await runCases(adapter, { cases, rounds, commit, tell: (line) => console.error(line), ...logs }));
  await writeResults(
    columns,
    ADAPTERS.map(({ name }) => name),
  );
  console.log(columns.map(summaryOf).join('; '));
  const ours = columns.find(({ name }) => name === countersign.name);
  return ours?.results.some(({ result }) => result === 'fail') === true ? 1 : 0;
}

function summaryOf({ name, results, seconds }: Column): string {
  const failed = results.filter(({ result }) => result === 'fail').map(({ number }) => number);
  const passed = results.filter(({ result }) => result === 'pass').length;
  return `${name}: ${passed} passed, ${failed.length === 0 ? 'none' : failed.join(' ')} failed, ${
    results.length - passed - failed.length
  } not offered, ${seconds} s`;
}

void runCommand(main);
