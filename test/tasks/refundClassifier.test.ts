import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import type { CrossValidation } from './crossValidate';

test('the examples teach the linear encoder at least 85 % of messages it has not seen, and 95 % of those it is sure of', async () => {
  const script = join(__dirname, 'crossValidate.ts');
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script, 'refund-decision'], {
    cwd: join(__dirname, '..', '..'),
  });
  const { accuracy, accuracyWhereNamed, accuracyWhereSure, shareSure } = JSON.parse(stdout) as CrossValidation;
  expect(accuracy).toBeGreaterThanOrEqual(0.85);
  expect(accuracyWhereNamed).toBeGreaterThanOrEqual(0.9);
  expect(accuracyWhereSure).toBeGreaterThanOrEqual(0.95);
  expect(shareSure).toBeGreaterThanOrEqual(0.5);
}, 60_000);
