import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const DEPENDENCY_CRUISER = join(__dirname, '../../node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

export interface Violation {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

/** What breaks the import rules of `.dependency-cruiser.cjs` in a project folder. */
export function violationsIn(root: string): Violation[] {
  const args = [DEPENDENCY_CRUISER, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', '.'];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  if (!stdout.startsWith('{')) throw new Error(`dependency-cruiser said: ${stderr}`);
  const { summary } = JSON.parse(stdout) as { summary: { totalCruised: number; violations: RawViolation[] } };
  if (summary.totalCruised === 0) throw new Error('dependency-cruiser found no file.');
  return summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }));
}

interface RawViolation {
  readonly rule: { readonly name: string };
  readonly from: string;
  readonly to: string;
}
