import { describe, expect, test } from '@jest/globals';
import { read, section, tableRows, wordOf } from './markdown';

interface Manifest {
  readonly license?: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(read('package.json')) as Manifest;
const page = read('docs/dependencies.md');
const PARTS = [
  ['What the product runs with', Object.keys(manifest.dependencies)],
  ['What it is developed with', Object.keys(manifest.devDependencies)],
] as const;

describe('the page of dependencies', () => {
  test.each(PARTS)('"%s" has a row for each package of package.json, by name, and no other', (title, packages) => {
    const named = tableRows(section(page, title)).map(([first]) => wordOf(first));
    expect(named).toEqual([...packages].sort());
  });

  test('says of each why, who keeps it, its licence and its size', () => {
    const rows = PARTS.flatMap(([title]) => tableRows(section(page, title)));
    const incomplete = rows.filter((cells) => cells.length !== 5 || cells.some((cell) => cell === ''));
    expect(incomplete).toEqual([]);
  });

  test('names the licence that each package declares', () => {
    const rows = PARTS.flatMap(([title]) => tableRows(section(page, title)));
    const said = Object.fromEntries(rows.map((cells) => [wordOf(cells[0]), cells[3]]));
    const declared = Object.keys(said).map((name) => {
      const { license } = JSON.parse(read(`node_modules/${name}/package.json`)) as Manifest;
      return [name, license];
    });
    expect(said).toEqual(Object.fromEntries(declared));
  });
});
