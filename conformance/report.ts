import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import type { CaseResult, Column, Made } from './runCases';

const ROOT = join(__dirname, '..');
const RESULTS = join(__dirname, 'results.json');
const PAGE = join(ROOT, 'docs', 'conformance.md');
const FROM = '<!-- from here to the end of the marks: written by npm run conformance -->';
const TO = '<!-- to here -->';
const SIGNS = { pass: 'pass', fail: '**fail**', 'not offered': 'not offered' } as const;

/** Puts these results in the place of earlier ones of the same system and case, and writes conformance/results.json and the page's table. */
export async function writeResults(columns: readonly Column[], order: readonly string[]): Promise<void> {
  const all = merged(columns, order);
  await write(RESULTS, JSON.stringify({ columns: all }));
  const page = readFileSync(PAGE, 'utf8');
  const start = page.indexOf(FROM);
  const end = page.indexOf(TO);
  if (start < 0 || end < 0) throw new Error(`${PAGE} lost the marks that the table stands between: ${FROM} and ${TO}`);
  await write(PAGE, `${page.slice(0, start)}${FROM}\n\n${tableOf(all)}\n${page.slice(end)}`);
}

/** As the formatter of this repository would leave it, so that a run leaves nothing to do. */
async function write(path: string, text: string): Promise<void> {
  const options = await resolveConfig(path);
  writeFileSync(path, await format(text, { ...options, filepath: path }));
}

function merged(columns: readonly Column[], order: readonly string[]): readonly Column[] {
  const before = new Map(readColumns().map((column) => [column.name, column]));
  for (const column of columns) before.set(column.name, withOthersOf(before.get(column.name), column));
  return [...before.values()].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
}

/** With what earlier runs said of the cases that this one left out. Each result says of what it is. */
function withOthersOf(earlier: Column | undefined, column: Column): Column {
  if (earlier === undefined) return column;
  const kept = earlier.results.filter(({ number }) => !column.results.some((result) => result.number === number));
  return { ...column, results: [...kept, ...column.results].sort((a, b) => a.number - b.number) };
}

function readColumns(): readonly Column[] {
  try {
    return (JSON.parse(readFileSync(RESULTS, 'utf8')) as { columns: readonly Column[] }).columns;
  } catch {
    return []; // The first run.
  }
}

function tableOf(columns: readonly Column[]): string {
  const titles = new Map(
    columns.flatMap(({ results }) => results.map(({ number, title }) => [number, title] as const)),
  );
  const rows = [...titles].sort(([a], [b]) => a - b);
  const find = (column: Column, number: number) => column.results.find((result) => result.number === number);
  const cell = (result: CaseResult | undefined) => (result === undefined ? 'not run' : SIGNS[result.result]);
  const table = [
    row(['', 'Case', ...columns.map(({ title }) => title)]),
    row(['---', '---', ...columns.map(() => '---')]),
    ...rows.map(([number, title]) =>
      row([String(number), title, ...columns.map((column) => cell(find(column, number)))]),
    ),
    row(['', 'passed', ...columns.map(countOf)]),
  ];
  const details = columns.map((column) => detailsOf(column));
  return [...table, '', ...details].join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function countOf({ results }: Column): string {
  const of = (result: CaseResult['result']) => results.filter((each) => each.result === result).length;
  return `${of('pass')}, failed ${of('fail')}, not offered ${of('not offered')}`;
}

function detailsOf({ title, version, results }: Column): string {
  const most = mostOf(results.map(({ made }) => whenceOf(made)));
  const otherwise = (made: Made) => {
    const whence = made.version === version ? whenceOf(made) : `${made.version}, ${whenceOf(made)}`;
    return whence === most ? '' : ` (${whence})`;
  };
  const lines = results.map(
    ({ number, result, observed, made }) => `- ${number} ${result}: ${oneLine(observed)}${otherwise(made)}`,
  );
  const isAll = results.every(({ made }) => otherwise(made) === '');
  const whence = `${version}; ${most}${isAll ? '' : ', but for what says otherwise'}.`;
  return [`### ${title}: what was observed`, '', whence, '', ...lines, ''].join('\n');
}

function whenceOf({ date, commit }: Made): string {
  return `on ${date}, at commit ${commit}`;
}

function mostOf(all: readonly string[]): string {
  const countOfOne = (one: string) => all.filter((each) => each === one).length;
  return [...new Set(all)].sort((a, b) => countOfOne(b) - countOfOne(a))[0] ?? '';
}

/** Without what Markdown would read as something else. */
function oneLine(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[<>*_`[\]|]/g, ' ')
    .slice(0, 300);
}
