import type { CaseResult, Column, Made } from './runCases';

const SIGNS = { pass: 'pass', fail: '**fail**', 'not offered': 'not offered' } as const;

/** With what earlier runs said of the cases that this one left out. Each result says of what it is. */
export function withOthersOf(earlier: Column | undefined, column: Column): Column {
  if (earlier === undefined) return column;
  const kept = earlier.results.filter(({ number }) => !column.results.some((result) => result.number === number));
  return { ...column, results: [...kept, ...column.results].sort((a, b) => a.number - b.number) };
}

/** The table, and below it what was observed. */
export function tableOf(columns: readonly Column[]): string {
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

export function detailsOf({ title, version, results }: Column): string {
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
