/** Writes what is generated from the code. `--check` writes nothing, and fails where a file is stale. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import prettier from 'prettier';
import { openApiDocument } from '../contracts/http/document';

const ROOT = join(__dirname, '..');

const FILES: Readonly<Record<string, () => Promise<string>>> = {
  'contracts/openapi.json': () =>
    prettier.format(JSON.stringify(openApiDocument()), { parser: 'json', printWidth: 120 }),
};

async function generate(isCheck: boolean): Promise<number> {
  let stale = 0;
  for (const [file, make] of Object.entries(FILES)) {
    const made = await make();
    if (made === readIfThere(join(ROOT, file))) continue;
    stale += 1;
    if (!isCheck) writeFileSync(join(ROOT, file), made);
    console.log(isCheck ? `${file} is stale: run npm run generate and commit it.` : `wrote ${file}`);
  }
  return isCheck ? stale : 0;
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

generate(process.argv.includes('--check')).then(
  (stale) => (process.exitCode = stale === 0 ? 0 : 1),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
