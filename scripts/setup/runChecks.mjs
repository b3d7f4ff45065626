import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { CHECK_STEPS, GENERATED_STEP } from './checkSteps.mjs';
import { ensureDependencies } from './ensureDependencies.mjs';
import { printLine, secondsSince } from './progress.mjs';

/** More at a time would only take each other's cores. */
const MOST_AT_ONCE = 4;

/**
 * Runs all steps, several at a time, and tells of each; what the failed ones said comes at the end. The last line is
 * the totals alone: `N passed, N failed`.
 * @param {{ root: string }} options
 * @returns {Promise<number>} the exit code
 */
export async function runChecks({ root }) {
  await ensureDependencies({ root, log: printLine });
  const waiting = [...CHECK_STEPS, ...(generates(root) ? [GENERATED_STEP] : [])];
  /** @type {Array<{ name: string, cure: string, isOk: boolean, output: string }>} */
  const results = [];
  const lane = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift())
      results.push(await runStep(step, root));
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), MOST_AT_ONCE) }, lane));
  const failed = results.filter(({ isOk }) => !isOk);
  for (const { name, cure, output } of failed) printLine(`\n── ${name} ──\n${output.trim()}\n→ ${cure}`);
  printLine(`\n${results.length - failed.length} passed, ${failed.length} failed`);
  return failed.length === 0 ? 0 : 1;
}

/**
 * @param {import('./checkSteps.mjs').CheckStep} step
 * @param {string} root
 */
async function runStep({ name, command, args, cure }, root) {
  const startedAt = performance.now();
  const { exitCode, output } = await finished(spawn(command, [...args], { cwd: root }));
  printLine(`${exitCode === 0 ? '✓' : '✗'} ${name} (${secondsSince(startedAt)})`);
  return { name, cure, isOk: exitCode === 0, output };
}

/**
 * @param {import('node:child_process').ChildProcessWithoutNullStreams} child
 * @returns {Promise<{ exitCode: number, output: string }>}
 */
function finished(child) {
  /** @type {string[]} */
  const parts = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => parts.push(text));
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ exitCode: 1, output: error.message }));
    child.once('close', (code) => resolve({ exitCode: code ?? 1, output: parts.join('') }));
  });
}

/** @param {string} root */
function generates(root) {
  const { scripts = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return scripts.generate !== undefined;
}
