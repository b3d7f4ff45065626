import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PEERS } from './peerSystem';

/** Name and version of a package of the peers, as its folder's package.json names it. */
export function versionOf(name: string): string {
  const { dependencies } = JSON.parse(readFileSync(join(PEERS, 'package.json'), 'utf8')) as {
    dependencies: Readonly<Record<string, string>>;
  };
  return `${name} ${dependencies[name] ?? ''}`;
}
