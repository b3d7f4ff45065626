import { cpSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const RULES = ['.dependency-cruiser.cjs', 'eslint.config.mjs', 'tsconfig.json', 'package.json', 'package-lock.json'];

/** A project with the rules and packages of this one, and the given files instead of its own. */
export function plantedProject(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'countersign-sabotage-'));
  for (const rule of RULES) cpSync(join(ROOT, rule), join(root, rule));
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${content}\n`);
  }
  return root;
}
