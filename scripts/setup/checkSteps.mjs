import { PURE_SUITES } from './pureSuites.mjs';

/**
 * The steps of `npm run check`: a name, and the program with its arguments. The slowest are first, so that two at a
 * time end together.
 * @typedef {{ name: string, command: string, args: readonly string[], cure: string }} CheckStep
 */

/**
 * @param {string} script
 * @param {readonly string[]} args
 */
const node = (script, args) => ({ command: process.execPath, args: [`node_modules/${script}`, ...args] });

/** @type {readonly CheckStep[]} */
export const CHECK_STEPS = [
  { name: 'types', ...node('typescript/bin/tsc', ['--noEmit']), cure: 'correct the types' },
  {
    name: 'lint',
    ...node('eslint/bin/eslint.js', ['.', '--max-warnings', '0']),
    cure: 'npm run lint -- --fix mends some of it',
  },
  {
    name: 'unit tests of the pure rooms',
    ...node('jest/bin/jest.js', ['--silent', '--maxWorkers=1', ...PURE_SUITES]),
    cure: 'npx jest with the path of the suite',
  },
  { name: 'format', ...node('prettier/bin/prettier.cjs', ['--check', '.']), cure: 'npm run format' },
  {
    name: 'unused files, exports and packages',
    ...node('knip/bin/knip.js', []),
    cure: 'remove what nothing uses',
  },
  {
    name: 'import rules',
    ...node('dependency-cruiser/bin/dependency-cruise.mjs', [
      '--config',
      '.dependency-cruiser.cjs',
      '--output-type',
      'err-long',
      '.',
    ]),
    cure: 'import from a room that this one may use (docs/architecture.md)',
  },
];

/** Added when the project has a script that generates files. */
export const GENERATED_STEP = {
  name: 'generated files are current',
  command: 'npm',
  args: ['run', '--silent', 'generate', '--', '--check'],
  cure: 'npm run generate',
};
