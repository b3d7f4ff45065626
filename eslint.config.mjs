import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Packages, and so Node's own modules, are out of a workflow's reach, save the engine's. */
const PACKAGES_BUT_ENGINE = String.raw`^(?!@temporalio/workflow$|\.{1,2}/)`;
const OTHER_ROOMS = String.raw`^(\.\./)+(?!contracts/words/)(activities|api|autonomy|bench|cli|conformance|contracts|fakes|guards|models|platform|scripts|store|tasks|test|worker)/`;

export default defineConfig(
  globalIgnores(['coverage/', '.*/', 'test/replay/histories/']),
  ...tseslint.configs.recommended,
  {
    name: 'countersign/all',
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      complexity: ['error', 16],
      'max-depth': ['error', 3],
      'max-lines': ['error', { max: 300, skipBlankLines: false, skipComments: false }],
      'max-lines-per-function': ['error', { max: 45, skipBlankLines: true, skipComments: true }],
      'no-restricted-globals': ['error', { name: '__filename', message: 'Name the file that is meant.' }],
    },
  },
  {
    name: 'countersign/typescript',
    files: ['**/*.ts'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/return-await': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    name: 'countersign/scripts',
    files: ['**/*.mjs', '**/*.cjs'],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }] },
  },
  {
    // These speak to a person at a terminal.
    name: 'countersign/terminal',
    files: ['scripts/**', 'cli/**', 'bench/**', 'conformance/**', 'fakes/main.ts', 'test/setup/**'],
    rules: { 'no-console': 'off' },
  },
  {
    // A test file is a list of cases; its length is not a smell, an untested case is.
    name: 'countersign/tests',
    files: ['test/**'],
    rules: { 'max-lines-per-function': 'off', 'max-lines': ['error', { max: 600 }] },
  },
  {
    // Workflow code is replayed: it reads nothing but its inputs, its history and plain words.
    name: 'countersign/workflows',
    files: ['workflows/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: PACKAGES_BUT_ENGINE,
              message:
                'Workflow code imports @temporalio/workflow and no other package or Node module: use an activity.',
            },
            { regex: OTHER_ROOMS, message: 'Workflow code imports contracts/words and its own files only.' },
          ],
        },
      ],
      'no-restricted-globals': [
        'error',
        ...['process', 'Buffer', 'fetch', 'require', 'setImmediate', 'performance'].map((name) => ({
          name,
          message: 'The workflow sandbox has no such thing: pass what you need as a value, or use an activity.',
        })),
      ],
    },
  },
);
