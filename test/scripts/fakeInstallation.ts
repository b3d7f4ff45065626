import { cpSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const COPIED = [
  'scripts',
  'platform/config',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'temporal.config.yaml',
];

/** Listens where it is told, says that it is ready as the product does, and ends when it is asked to. */
const PRODUCT = `
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
const subcommand = process.argv[2];
appendFileSync('calls.txt', subcommand + ' ' + process.env.TEMPORAL_ADDRESS + ' ' + process.env.COUNTERSIGN_BANK_URL + '\\n');
if (subcommand === 'migrate') process.exit(0);
if (process.env.FAIL_AT === subcommand) throw new Error('the store is damaged');
const port = subcommand === 'worker' ? 0 : Number(process.env.PORT);
createServer((_request, response) => response.end('ok')).listen(port, '127.0.0.1', () => {
  const ready = subcommand === 'worker' ? {} : { baseUrl: 'http://127.0.0.1:' + port, adminApiKey: 'cs_secret', callerApiKey: 'cs_caller', signInUrl: 'http://127.0.0.1:' + port + '/sign-in' };
  console.log('an ordinary line');
  console.log('countersign ready ' + JSON.stringify(ready));
});
`;

const FAKES = `
import { createServer } from 'node:http';
const port = Number(process.env.FAKES_PORT);
createServer((_request, response) => response.end('ok')).listen(port, '127.0.0.1', () => console.log('fakes listening on http://127.0.0.1:' + port));
`;

const DEMO_TASKS = `export const DEMO_GRANTS = [];
export async function runDemoTasks({ baseUrl, adminApiKey, callerApiKey, log }) { log('tasks for ' + baseUrl + ' with ' + callerApiKey + ' and ' + adminApiKey); }`;
const MODEL_ADD = `export async function addModel() { throw new Error('no index'); }`;

/** A folder with the real scripts around a product that does nothing but keep the protocol between them. */
export function fakeInstallation(): string {
  const root = mkdtempSync(join(tmpdir(), 'countersign-installation-'));
  for (const part of COPIED) cpSync(join(ROOT, part), join(root, part), { recursive: true });
  for (const shared of ['node_modules', '.temporal']) symlinkSync(join(ROOT, shared), join(root, shared));
  for (const folder of ['cli', 'fakes']) mkdirSync(join(root, folder));
  writeFileSync(join(root, 'cli/main.ts'), PRODUCT);
  writeFileSync(join(root, 'fakes/main.ts'), FAKES);
  writeFileSync(join(root, 'scripts/demoTasks.mjs'), DEMO_TASKS);
  writeFileSync(join(root, 'scripts/modelAdd.mjs'), MODEL_ADD);
  return root;
}
