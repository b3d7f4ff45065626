import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import type { Column } from './runCases';
import { tableOf, withOthersOf } from './table';

const ROOT = join(__dirname, '..');
const RESULTS = join(__dirname, 'results.json');
const PAGE = join(ROOT, 'docs', 'conformance.md');
const FROM = '<!-- from here to the end of the marks: written by npm run conformance -->';
const TO = '<!-- to here -->';

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

function readColumns(): readonly Column[] {
  try {
    return (JSON.parse(readFileSync(RESULTS, 'utf8')) as { columns: readonly Column[] }).columns;
  } catch {
    return []; // The first run.
  }
}
