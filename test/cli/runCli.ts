import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const BIN = join(__dirname, '..', '..', 'cli', 'countersign.mjs');

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A folder of its own for one test file, with no installation in it. */
export const folder = mkdtempSync(join(tmpdir(), 'countersign-cli-'));

export function removeFolder(): void {
  rmSync(folder, { recursive: true, force: true });
}

/** Only what the command is told here reaches it, and no installation that runs on this machine. */
function environment(env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, HOME: folder, TMPDIR: folder, COUNTERSIGN_HOME: join(folder, 'home'), ...env };
}

/** The real command, as a process of its own, with nobody at a terminal. */
export async function runCli(args: readonly string[], { env = {}, cwd = folder }: RunOptions = {}): Promise<Ran> {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd,
    env: environment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (said.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (said.stderr += text));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, ...said };
}

export const ENTER = '\r';
export const DOWN = '\x1b[B';

/** What a person waits to see, and the keys they then press. */
export type Step = readonly [awaited: string, keys: readonly string[]];

/** The real command with a person at a terminal, by util-linux's \`script\`. Each step has ten seconds. */
export async function runOnTerminal(
  args: readonly string[],
  { env = {}, steps }: { readonly env?: Readonly<Record<string, string>>; readonly steps: readonly Step[] },
): Promise<{ readonly code: number | null; readonly screen: string }> {
  const command = [process.execPath, BIN, ...args].map((word) => `'${word}'`).join(' ');
  // A terminal without a window has no size, and texts would break after each letter.
  const child = spawn('script', ['-qefc', `stty cols 120 rows 50 && ${command}`, '/dev/null'], {
    cwd: folder,
    env: environment({ TERM: 'xterm', ...env }),
    stdio: 'pipe',
  });
  let screen = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (screen += text));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  try {
    let seen = 0;
    for (const [awaited, keys] of steps) {
      seen = await appears(() => stripVTControlCharacters(screen), { awaited, from: seen });
      for (const key of keys) child.stdin.write(key);
    }
    await Promise.race([ended, tooLong(() => screen)]);
  } finally {
    child.kill();
  }
  return { code: await ended, screen };
}

function tooLong(read: () => string): Promise<never> {
  return new Promise((_resolve, reject) => {
    const fail = () => reject(new Error(`the command did not end within 10 s; the screen has:\n${read()}`));
    setTimeout(fail, 10_000).unref();
  });
}

/** Where on the screen it ends, once it is there. */
async function appears(
  read: () => string,
  { awaited, from }: { readonly awaited: string; readonly from: number },
): Promise<number> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const at = read().indexOf(awaited, from);
    if (at >= 0) return at + awaited.length;
    if (Date.now() > deadline) {
      throw new Error(`"${awaited}" did not appear within 10 s; since then the screen has:\n${read().slice(from)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

let editors = 0;

/** A value for EDITOR: a program that does this to the text of the file. */
export function editorThat(change: string): string {
  const path = join(folder, `editor-${(editors += 1)}.mjs`);
  const body = `import { readFileSync, writeFileSync } from 'node:fs';
const path = process.argv[2];
const change = ${change};
writeFileSync(path, change(readFileSync(path, 'utf8')));
`;
  writeFileSync(path, body);
  return `'${process.execPath}' '${path}'`;
}
