// What is known of reviewers from gold and agreement: 1,000 simulated reviewers of each kind, who is flagged and when; how many honest
// ones are ever flagged; and, on public judgements of real people, how near the posterior comes to what they are worth. Whom a rule
// about speed would have flagged is printed and is no aim: nothing here reads seconds. Run by `npm run bench:reviewers`.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { seededRandom } from '../models/embedded/random';
import { type Aim, report, round } from './report';
import { type CrowdFigures, crowdFigures } from './reviewers/crowd';
import { falseFlags, figuresOf, type KindFigures, KINDS } from './reviewers/kinds';

const ROOT = resolve(__dirname, '..');
const DATA_FILE = join(resolve(ROOT, process.env['COUNTERSIGN_DATA'] ?? '../shared/data'), 'reviewers-sp.jsonl.gz');
const SEED = 30;
const REVIEWERS = 1_000;
/** Enough honest reviewers and decisions that a share of 2 % is told from one of 1.5 %. */
const HONEST = { reviewers: 5_000, decisions: 10_000 };

function main(): void {
  const random = seededRandom(SEED);
  const kinds = KINDS.map((kind) => figuresOf(kind, { reviewers: REVIEWERS, random }));
  printKinds(kinds);
  const honestEver = falseFlags({ ...HONEST, random });
  console.log(
    `honest reviewers (95 %) ever flagged in ${HONEST.decisions} decisions: ${percent(honestEver)} of ${HONEST.reviewers}`,
  );
  const crowd = existsSync(DATA_FILE) ? crowdFigures(DATA_FILE) : null;
  if (crowd === null)
    console.log(`SKIPPED real judgements: there is no ${DATA_FILE}; set COUNTERSIGN_DATA to the folder that has it.`);
  else printCrowd(crowd);
  const figures = { kinds: kinds.map(rounded), honestEver: round(honestEver, 4), crowd: crowd && rounded(crowd) };
  report('reviewers', figures, { ...aimsOf(kinds, honestEver), ...(crowd === null ? {} : crowdAims(crowd)) });
}

function aimsOf(kinds: readonly KindFigures[], honestEver: number): Record<string, Aim> {
  const of = (name: string): KindFigures => {
    const kind = kinds.find((each) => each.name === name);
    if (kind === undefined) throw new RangeError(`no reviewers of the kind "${name}" were simulated`);
    return kind;
  };
  return {
    honestEver: { seen: honestEver, atMost: 0.02 },
    newStamper: { seen: of('rubber-stamper').within30, atLeast: 0.95 },
    newNearStamper: { seen: of('near-stamper').within30, atLeast: 0.95 },
    lazyAfter100: { seen: of('lazy after 100').within130, atLeast: 0.95 },
    lazyAfter5000: { seen: of('lazy after 5,000').within130, atLeast: 0.95 },
    nearlyAfter100: { seen: of('nearly, after 100').within130, atLeast: 0.95 },
    nearlyAfter5000: { seen: of('nearly, after 5,000').within130, atLeast: 0.95 },
  };
}

function crowdAims(crowd: CrowdFigures): Record<string, Aim> {
  return {
    correlation: { seen: crowd.correlation, atLeast: crowd.correlationGold },
    coverageOfCounts: { seen: crowd.coverageOfCounts, atLeast: 0.9 },
  };
}

function printKinds(kinds: readonly KindFigures[]): void {
  console.log(`${REVIEWERS} reviewers of each kind; decisions are counted from when they turn`);
  console.log('kind                 by 30  by 130  by 1,000  median  accuracy  known < 90 %  by speed alone');
  for (const each of kinds) {
    const cells = [each.within30, each.within130, each.within1000].map(percent);
    const median = each.medianToFlag === null ? '–' : String(each.medianToFlag);
    const rest = [median, percent(each.meanAccuracy), percent(each.knownBelow90), percent(each.flaggedBySpeed)];
    const widths = [7, 8, 10, 8, 10, 14, 16];
    console.log(each.name.padEnd(19) + [...cells, ...rest].map((cell, at) => cell.padStart(widths[at] ?? 8)).join(''));
  }
}

function printCrowd(crowd: CrowdFigures): void {
  console.log(
    [
      `real judgements: ${crowd.people} people with enough of them, ${crowd.goldItemsEach} gold items each in the median, 10 draws of gold`,
      `  correlation with held-out accuracy: ${round(crowd.correlationGold)} by gold, ${round(crowd.correlation)} with agreement`,
      `  error of the mean: ${round(crowd.errorGold, 3)} by gold, ${round(crowd.error, 3)} with agreement`,
      `  in the 95 % interval: ${percent(crowd.coverage)}, with the chance of the count ${percent(crowd.coverageOfCounts)}`,
      ...crowd.bySpeed.map(
        (rule) =>
          `  by speed alone, the fastest ${percent(rule.fastestShare)}: ${rule.flagged} people, accuracy ${percent(rule.accuracyOfFlagged)}, ` +
          `of the others ${percent(rule.accuracyOfOthers)}; ${percent(rule.worstFound)} of the worst tenth found`,
      ),
    ].join('\n'),
  );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function rounded(figures: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(figures).map(([name, figure]) => [name, typeof figure === 'number' ? round(figure, 4) : figure]),
  );
}

main();
