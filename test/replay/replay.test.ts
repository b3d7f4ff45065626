import '../support/quietRuntime';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { Worker } from '@temporalio/worker';
import { workflowBundle } from '../../worker/worker';
import { type Json, payloadsOf } from '../support/history';
import { WAYS } from './ways';

const FOLDER = join(__dirname, 'histories');
const NAMES = Object.keys(WAYS);

const read = (name: string) => readFileSync(join(FOLDER, `${name}.json`), 'utf8');

/** Names of the errors that replaying gives, by way; what replays is left out. */
function replay(names: readonly string[], change?: (code: string) => string): Promise<Record<string, string>> {
  return replayAs(Object.fromEntries(names.map((name) => [name, read(name)])), change);
}

/** Of histories that may say something else than was recorded. */
async function replayAs(
  jsonOf: Readonly<Record<string, string>>,
  change = (code: string) => code,
): Promise<Record<string, string>> {
  const { code } = (await workflowBundle()) as { readonly code: string };
  const names = Object.keys(jsonOf);
  const histories = Object.entries(jsonOf).map(([workflowId, json]) => ({
    workflowId,
    history: historyFromJSON(JSON.parse(json)),
  }));
  const errors: Record<string, string> = {};
  const replayed: string[] = [];
  for await (const { workflowId, error } of Worker.runReplayHistories(
    { workflowBundle: { code: change(code) } },
    histories,
  )) {
    replayed.push(workflowId);
    if (error) errors[workflowId] = error.name;
  }
  expect(replayed.sort()).toEqual([...names].sort());
  return errors;
}

describe('the recorded histories', () => {
  it('are one for each way of a task', () => {
    const files = readdirSync(FOLDER).map((file) => file.replace(/\.json$/, ''));
    expect(files.sort()).toEqual([...NAMES].sort());
  });

  it.each(NAMES)('%s: ends as its way says', (name) => {
    const { events } = JSON.parse(read(name)) as { events: Json[] };
    expect(payloadsOf(events.at(-1) ?? null)).toEqual([JSON.stringify(WAYS[name]?.outcome)]);
  });

  it('replay on the current code, each of them', async () => {
    expect(await replay(NAMES)).toEqual({});
  });

  it('replay also where people held what they may not decide on, as they could before that was asked', async () => {
    const way = 'claimedExtendedReleased';
    const submitter = /"submitter":"(\w+)"/.exec(payloadsOf(JSON.parse(read(way)) as Json).join())?.[1] ?? '';
    let held = 0;
    const json = read(way).replaceAll(/(?<="data":\s*")[^"]+/g, (data) => {
      const text = Buffer.from(data, 'base64').toString();
      if (!text.startsWith('{"actor":')) return data;
      held += 1;
      return Buffer.from(text.replace(/(?<="id":")\w+/, submitter)).toString('base64');
    });
    expect(held).toBe(3);
    expect(await replayAs({ [way]: json })).toEqual({});
  });

  it.each(NAMES)('%s: holds no text of a person and nothing of the machine it was recorded on', (name) => {
    const json = read(name);
    const text = [json, ...payloadsOf(JSON.parse(json) as Json)].join('\n');
    expect(text).toMatch(/bank-support|refund-decision/);
    expect(text).not.toMatch(
      /lost my card|football|Larkfield|cus_1001|freeze|blocked the card|no longer needed|not ours|teapot|card …|which card/i,
    );
    expect(text).not.toMatch(/\d@[a-z]|localhost|127\.0\.0\.1|\.ts:\d|node_modules\/|file:\/\//);
  });
});

/** How code might be changed by somebody who does not think of the runs in flight. */
const SABOTAGE: readonly (readonly [string, readonly string[], (code: string) => string])[] = [
  ['leaves a step out', ['answered', 'approved'], (code) => drop(code, callOf('gather'))],
  ['swaps two steps', ['answered', 'corrected'], (code) => swap(code, callOf('gather'), callOf('draft'))],
  ['adds a step', ['answered', 'declined'], (code) => double(code, callOf('judge'))],
  [
    'projects less often',
    ['approved', 'claimedExtendedReleased'],
    (code) => drop(code, /await run\.save\(\);(?=\s*const \{ round \})/),
  ],
  ['forgets the ladder', ['fellBack'], (code) => drop(code, /(?<=\(isMoved), Math\.max\(1, untilMs - nowMs\)/)],
];

function callOf(step: string): RegExp {
  return new RegExp(`await \\(0,_${step}__[A-Z_\\d]+\\.${step}\\)\\(run\\);`);
}

function find(code: string, what: RegExp): string {
  const found = what.exec(code)?.[0];
  if (found === undefined) throw new Error(`the bundle has no ${String(what)}: the sabotage would be none`);
  return found;
}

function drop(code: string, what: RegExp): string {
  return code.replace(find(code, what), '');
}

function double(code: string, what: RegExp): string {
  const found = find(code, what);
  return code.replace(found, found + found);
}

function swap(code: string, first: RegExp, second: RegExp): string {
  const [one, other] = [find(code, first), find(code, second)];
  return code.replace(one, '/* first */').replace(other, one).replace('/* first */', other);
}

describe('a change of the code that runs in flight would not survive', () => {
  it.each(SABOTAGE)('is found out when it %s', async (_, names, change) => {
    const expected = Object.fromEntries(names.map((name) => [name, 'DeterminismViolationError']));
    expect(await replay(names, change)).toEqual(expected);
  });
});
