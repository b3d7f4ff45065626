import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** What a run is not made of: words about it, tests, and what it writes. */
const APART = ['docs', 'test', 'CHANGELOG.md', 'conformance/results.json'];

/** The commit that is checked out, and whether something of it is changed. */
export function commitNow(): string {
  try {
    const commit = git(['rev-parse', '--short', 'HEAD']);
    const changes = git(['status', '--porcelain', '--', '.', ...APART.map((path) => `:!${path}`)]);
    return changes === '' ? commit : `${commit} with changes`;
  } catch {
    return 'unknown';
  }
}

function git(args: readonly string[]): string {
  return execFileSync('git', args, { cwd: join(__dirname, '..'), encoding: 'utf8' }).trim();
}
