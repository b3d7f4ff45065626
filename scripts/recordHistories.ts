/**
 * Records one history for each way of a task, for the replay tests: `npm run replay:record`, or `-- approved declined` for some. Needed
 * after a change of workflow code that is not to be replayed by runs in flight; until the first release that is any change.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { recordingOf } from '../test/replay/recording';
import { openStage, type Stage, STAGE_NAMES } from '../test/replay/stages';
import { take, WAYS } from '../test/replay/ways';
import { historyOf } from '../test/support/history';
import { startTemporal } from '../test/support/temporal';
import { Processes } from './setup/Processes.mjs';

const ROOT = path.join(__dirname, '..');
const FOLDER = path.join(ROOT, 'test', 'replay', 'histories');

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !(name in WAYS));
  if (unknown.length > 0)
    throw new RangeError(`there is no way ${unknown.join(', ')}; there are ${Object.keys(WAYS).join(', ')}`);
  const processes = new Processes();
  try {
    await startTemporal(processes, console.error);
    if (wanted.length === 0) rmSync(FOLDER, { recursive: true, force: true });
    mkdirSync(FOLDER, { recursive: true });
    for (const stageName of STAGE_NAMES) {
      const names = Object.keys(WAYS).filter(
        (name) => WAYS[name]?.on === stageName && (wanted.length === 0 || wanted.includes(name)),
      );
      if (names.length > 0) await recordOn(await openStage(stageName), names);
    }
  } finally {
    await processes.stopAll();
  }
}

async function recordOn(stage: Stage, names: readonly string[]): Promise<void> {
  try {
    for (const name of names) {
      const way = WAYS[name];
      if (!way) throw new RangeError(`there is no way ${name}`);
      const history = await historyOf(stage.bank, await take(way, stage));
      writeFileSync(path.join(FOLDER, `${name}.json`), recordingOf(history));
      console.log(`${name}: ${history.events?.length ?? 0} events`);
    }
  } finally {
    await stage.close();
  }
}

void main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
