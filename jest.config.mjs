/** ESM-only packages that Jest must transform, since its CommonJS runtime can't require them. */
const ESM_ONLY = ['canonicalize', 'eld', '@clack', 'sisteransi'];

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: {
    '^.+\\.(t|m?j)sx?$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${ESM_ONLY.join('|')})/)`],
  globalSetup: '<rootDir>/test/setup/globalSetup.ts',
  globalTeardown: '<rootDir>/test/setup/globalTeardown.ts',
  testTimeout: 60_000,
  // A worker that a failed set-up left polling would keep the run from ending, and hide which test failed.
  forceExit: true,
  maxWorkers: 2,
};
