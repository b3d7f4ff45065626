// What the embedded model's classifier is worth, on public data that nobody here wrote: accuracy by encoder and number of
// examples, how well unknown requests are told from known ones, and what mistyping costs. Run by `npm run bench:classify`;
// `-- --examples 100` for 100 a class, `-- --cache FOLDER` to keep vectors and models between runs (training times mean
// nothing then).
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  type Classification,
  type EncoderName,
  trainClassifier,
  type TrainingExample,
} from '../models/embedded/classifier';
import { seededRandom, shuffledIndices } from '../models/embedded/random';
import { type Aim, report, round } from './report';

const ROOT = resolve(__dirname, '..');
const DATA_FILE = join(resolve(ROOT, process.env['COUNTERSIGN_DATA'] ?? '../shared/data'), 'clinc150.jsonl.gz');
const OUT_OF_SCOPE = 'out_of_scope';
const MISTYPED_SHARE = 0.1;
const TYPO_SEED = 7;
const SAMPLE_SEEDS = [1, 2];
/** How far below the trial's figure, in percentage points, still counts as holding. */
const TOLERANCE_POINTS = 1;

interface Row {
  text: string;
  label: string;
  split: 'train' | 'val';
}

/** The trial's figures in per cent, by examples a class. */
const TRIAL: Readonly<Record<30 | 100, Readonly<Record<string, number>>>> = {
  30: { linear: 88.7, minilm: 93.9, both: 94.3, auroc: 96.6, bothMistyped: 86 },
  100: { linear: 92.6, minilm: 95.3, both: 96.1 },
};

const ENCODERS: Readonly<Record<string, EncoderName[]>> = {
  linear: ['linear'],
  minilm: ['minilm'],
  both: ['linear', 'minilm'],
};

/** What one text is in truth, and what the classifier said. */
interface Answer {
  label: string;
  said: Classification;
}

async function main(): Promise<void> {
  if (!existsSync(DATA_FILE)) return skip(`there is no ${DATA_FILE}; set COUNTERSIGN_DATA to the folder that has it`);
  const perClass = option('--examples', ['30', '100']) === '100' ? 100 : 30;
  const cache = process.argv.includes('--cache') ? option('--cache') : null;
  const cacheDir = cache ?? mkdtempSync(join(tmpdir(), 'countersign-classify-'));
  try {
    await compare({ perClass, cacheDir });
  } finally {
    if (cache === null) rmSync(cacheDir, { recursive: true, force: true });
  }
}

async function compare({ perClass, cacheDir }: { perClass: 30 | 100; cacheDir: string }): Promise<void> {
  const rows = gunzipSync(readFileSync(DATA_FILE))
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
  const known = rows.filter((row) => row.split === 'train' && row.label !== OUT_OF_SCOPE);
  const asked = rows.filter((row) => row.split === 'val');
  const typed = mistyped(asked);
  // With 100 a class every row is an example, so that a second sample would be the first.
  const samples = (perClass === 100 ? [1] : SAMPLE_SEEDS).map((seed) => sampleOfEach(known, { perClass, seed }));
  console.log(
    `clinc150: ${perClass} examples a class, none out of scope; ${asked.length} questions; mean of ${samples.length} sample(s)`,
  );
  console.log('encoder   accuracy  refused  AUROC  unknown caught  mistyped  calibration error  train s  ms a text');
  const figures: Record<string, number> = {};
  for (const [name, encoders] of Object.entries(ENCODERS)) {
    const runs: (Measured | null)[] = [];
    for (const examples of samples) runs.push(await measure({ examples, asked, typed, encoders, cacheDir }));
    if (runs.includes(null)) return skip('the weights of MiniLM are not there; run `npm run model:add minilm`');
    const measured = meanOf(runs.filter((run) => run !== null));
    console.log(line(name, measured));
    Object.assign(figures, figuresOf(name, measured));
  }
  tell(figures, TRIAL[perClass]);
}

function figuresOf(name: string, measured: Measured): Record<string, number> {
  return {
    [name]: measured.accuracy,
    [`${name}Mistyped`]: measured.accuracyMistyped,
    [`${name}CalibrationError`]: measured.calibrationError,
    [name === 'both' ? 'auroc' : `${name}Auroc`]: measured.auroc,
  };
}

function option(name: string, allowed?: readonly string[]): string {
  const at = process.argv.indexOf(name);
  if (at < 0) return '';
  const given = process.argv[at + 1] ?? '';
  if (given !== '' && (allowed?.includes(given) ?? true)) return given;
  throw new Error(`${name} is "${given}". Give ${allowed?.join(' or ') ?? 'a value'}.`);
}

function skip(reason: string): void {
  console.log(`SKIPPED bench:classify: ${reason}.`);
  console.log(JSON.stringify({ bench: 'classify', skipped: reason }));
}

/** A random sample of each class: the rows of a class are in the order they were collected, and neighbours are alike. */
function sampleOfEach(rows: readonly Row[], { perClass, seed }: { perClass: number; seed: number }): TrainingExample[] {
  const random = seededRandom(seed);
  const seen = new Map<string, number>();
  return Array.from(shuffledIndices(rows.length, random), (index) => rows[index]).flatMap((row) => {
    if (row === undefined) return [];
    const count = (seen.get(row.label) ?? 0) + 1;
    seen.set(row.label, count);
    return count <= perClass ? [{ text: row.text, class: row.label }] : [];
  });
}

/** The questions with 10 % of their letters replaced, left out, followed by a stray one, or swapped with the next. */
function mistyped(rows: readonly Row[]): Row[] {
  const random = seededRandom(TYPO_SEED);
  const letter = (): string => String.fromCharCode(97 + Math.floor(random() * 26));
  const slip = (at: string, next: string): string =>
    [letter(), '', at + letter(), next + at][Math.floor(random() * 4)] ?? at;
  const mistype = (text: string): string => {
    let typed = '';
    for (let at = 0; at < text.length; at++) {
      const here = text.charAt(at);
      const next = text.charAt(at + 1);
      const typo = /[a-z]/i.test(here) && random() < MISTYPED_SHARE ? slip(here, next) : here;
      if (typo === next + here && next !== '') at++;
      typed += typo;
    }
    return typed;
  };
  return rows.map((row) => ({ ...row, text: mistype(row.text) }));
}

interface Measured {
  accuracy: number;
  accuracyMistyped: number;
  refused: number;
  auroc: number;
  unknownCaught: number;
  calibrationError: number;
  trainSeconds: number;
  millisecondsPerText: number;
}

function meanOf(runs: readonly Measured[]): Measured {
  const mean = (of: (run: Measured) => number): number => runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
  return {
    accuracy: mean((run) => run.accuracy),
    accuracyMistyped: mean((run) => run.accuracyMistyped),
    refused: mean((run) => run.refused),
    auroc: mean((run) => run.auroc),
    unknownCaught: mean((run) => run.unknownCaught),
    calibrationError: mean((run) => run.calibrationError),
    trainSeconds: mean((run) => run.trainSeconds),
    millisecondsPerText: mean((run) => run.millisecondsPerText),
  };
}

interface Trial {
  examples: TrainingExample[];
  asked: Row[];
  typed: Row[];
  encoders: EncoderName[];
  cacheDir: string;
}

/** Null when the encoders can't be had. */
async function measure({ examples, asked, typed, encoders, cacheDir }: Trial): Promise<Measured | null> {
  const started = performance.now();
  const options = { encoders, outOfScope: true, weightsDir: join(ROOT, '.models', 'minilm'), cacheDir };
  const classifier = await trainClassifier(examples, options).catch((error: Error) => error);
  if (classifier instanceof Error) {
    if (classifier.name === 'MinilmUnavailableError') return null;
    throw classifier;
  }
  try {
    if (classifier.encoders.length < encoders.length) return null;
    const trainSeconds = (performance.now() - started) / 1000;
    const askedAt = performance.now();
    const answers = await ask(classifier, asked);
    const millisecondsPerText = (performance.now() - askedAt) / asked.length;
    const mistypedAnswers = await ask(classifier, typed);
    const inScope = answers.filter(({ label }) => label !== OUT_OF_SCOPE);
    const strange = answers.filter(({ label }) => label === OUT_OF_SCOPE);
    return {
      accuracy: percent(inScope, isRight),
      accuracyMistyped: percent(
        mistypedAnswers.filter(({ label }) => label !== OUT_OF_SCOPE),
        isRight,
      ),
      refused: percent(inScope, isRefused),
      auroc: 100 * areaUnderCurve(inScope.map(strangenessOf), strange.map(strangenessOf)),
      unknownCaught: percent(strange, isRefused),
      calibrationError: 100 * calibrationErrorOf(inScope.filter((answer) => !isRefused(answer))),
      trainSeconds,
      millisecondsPerText,
    };
  } finally {
    await classifier.close();
  }
}

async function ask(
  classifier: { classify(text: string): Promise<Classification> },
  rows: readonly Row[],
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const { text, label } of rows) answers.push({ label, said: await classifier.classify(text) });
  return answers;
}

/** As in the trial, accuracy is of the likeliest class in scope, whether or not the text was set aside. */
function isRight({ label, said }: Answer): boolean {
  const inScope = [said, ...said.runnersUp].find(({ name }) => name !== OUT_OF_SCOPE && name !== 'unclear');
  return inScope?.name === label;
}

function isRefused({ said }: Answer): boolean {
  return said.name === OUT_OF_SCOPE || said.name === 'unclear';
}

function strangenessOf({ said }: Answer): number {
  return said.strangeness;
}

function percent(answers: readonly Answer[], holds: (answer: Answer) => boolean): number {
  return (100 * answers.filter(holds).length) / answers.length;
}

/** The chance that a strange text has the higher value of a pair, ties counting half (Mann and Whitney). */
function areaUnderCurve(usual: readonly number[], strange: readonly number[]): number {
  let wins = 0;
  for (const high of strange) for (const low of usual) wins += high > low ? 1 : high === low ? 0.5 : 0;
  return wins / (usual.length * strange.length);
}

/** Mean distance of probability from accuracy over ten bins of equal width, weighted by their size. */
function calibrationErrorOf(answers: readonly Answer[]): number {
  const bins = Array.from({ length: 10 }, (): Answer[] => []);
  for (const answer of answers) bins[Math.min(9, Math.floor(answer.said.probability * 10))]?.push(answer);
  return bins.reduce((sum, bin) => {
    const right = bin.filter(isRight).length;
    const expected = bin.reduce((total, { said }) => total + said.probability, 0);
    return sum + Math.abs(right - expected) / answers.length;
  }, 0);
}

function line(name: string, measured: Measured): string {
  const { accuracy, refused, auroc, unknownCaught, accuracyMistyped, calibrationError, trainSeconds } = measured;
  const cells = [accuracy, refused, auroc, unknownCaught, accuracyMistyped, calibrationError, trainSeconds].map(
    (each) => each.toFixed(1),
  );
  const widths = [10, 9, 7, 16, 10, 19, 9, 11];
  return (
    name.padEnd(8) +
    [...cells, measured.millisecondsPerText.toFixed(2)].map((cell, at) => cell.padStart(widths[at] ?? 10)).join('')
  );
}

function tell(figures: Record<string, number>, trial: Readonly<Record<string, number>>): void {
  const rounded = Object.fromEntries(Object.entries(figures).map(([name, figure]) => [name, round(figure, 1)]));
  const aims = Object.entries(trial).map(([name, figure]) => {
    const aim: Aim = { seen: rounded[name] ?? 0, atLeast: round(figure - TOLERANCE_POINTS, 1) };
    return [name, aim] as const;
  });
  report('classify', rounded, Object.fromEntries(aims));
}

void main();
