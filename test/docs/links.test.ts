import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { brokenLinks, markdownFiles, ROOT } from './markdown';

describe('links in the documentation', () => {
  test('every relative link of every Markdown file leads to a file, and to a heading where it names one', () => {
    expect(markdownFiles(ROOT)).toEqual(expect.arrayContaining(['README.md', join('docs', 'architecture.md')]));
    expect(brokenLinks(ROOT)).toEqual([]);
  });
});

describe('a planted fault', () => {
  let root: string;

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'countersign-links-'));
    mkdirSync(join(root, 'docs'));
    mkdirSync(join(root, 'node_modules'));
    writeFileSync(join(root, 'node_modules', 'README.md'), '[not ours](nowhere.md)');
    writeFileSync(join(root, 'docs', 'there.md'), '# There\n\n## What it is, and `why`\n');
    writeFileSync(
      join(root, 'start.md'),
      [
        '[file](docs/there.md) [heading](docs/there.md#what-it-is-and-why) [site](https://example.com/none)',
        '`[in code](none.md)` [here](#below)',
        '```md\n[in a block](none.md)\n```',
        '## Below',
        '[gone](docs/gone.md) [no heading](docs/there.md#who) [no heading here](#above) ![picture](gone.svg)',
        '[outside](../elsewhere.md)',
      ].join('\n\n'),
    );
  });

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  test('a link to a missing file, heading or picture, or out of the repository, is found; others are not', () => {
    const targets = ['docs/gone.md', 'docs/there.md#who', '#above', 'gone.svg', '../elsewhere.md'];
    expect(brokenLinks(root)).toEqual(targets.map((target) => `start.md: ${target}`));
  });
});
