import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { settings } from '../../platform/config/config';
import { inlineCode, markdownFiles, read, ROOT } from './markdown';

const files = markdownFiles(ROOT);

/** What says `file.ts` or `folder/` of a room, and not something like `/v1/tasks` or `.countersign/dev.json`. */
const PATH = /^(?:[a-z][a-zA-Z-]*\/)+(?:[\w-]+\.(?:ts|mjs|cjs|json|md|svg))?$/;
/** Made when the product runs, or an example of a name. */
const NOT_KEPT = /^(?:node_modules|dist|draft|context|note|guidance|cancellation)\//;

/** Variables that are read outside of the configuration. */
const OTHER_VARIABLES = ['COUNTERSIGN_URL', 'COUNTERSIGN_API_KEY', 'COUNTERSIGN_DATA', 'TEMPORAL_CLI', 'ESM_ONLY'];
const VARIABLE = /^([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=.*)?$/;

describe('what the documentation names', () => {
  test('files and folders are there', () => {
    const named = files.flatMap((file) =>
      inlineCode(read(file))
        .filter((code) => PATH.test(code) && !NOT_KEPT.test(code))
        .filter((path) => !existsSync(join(ROOT, path)))
        .map((path) => `${file}: ${path}`),
    );
    expect(named).toEqual([]);
  });

  test('environment variables are those of the configuration', () => {
    const known = new Set(OTHER_VARIABLES);
    for (const { env, secret } of settings)
      for (const name of secret === true ? [env, `${env}_FILE`] : [env]) known.add(name);
    const unknown = files.flatMap((file) =>
      inlineCode(read(file))
        .map((code) => VARIABLE.exec(code.split(' ')[0] ?? '')?.[1])
        .filter((name) => name !== undefined && !known.has(name))
        .map((name) => `${file}: ${name}`),
    );
    expect(unknown).toEqual([]);
  });

  test('npm scripts are those of package.json', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Readonly<Record<string, string>> };
    const unknown = files.flatMap((file) =>
      [...read(file).matchAll(/\bnpm (?:run (?:--silent )?)?([a-z][a-z:]*)/g)]
        .map((match) => match[1] ?? '')
        .filter((name) => !['install', 'ci', 'run', ...Object.keys(scripts)].includes(name))
        .map((name) => `${file}: npm ${name}`),
    );
    expect(unknown).toEqual([]);
  });
});
