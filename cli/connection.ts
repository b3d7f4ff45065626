import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CliError } from './CliError';

/** Where the API is, who asks, and where both were found. */
export interface Connection {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly baseUrlFrom: string;
}

export interface ConnectionSources {
  readonly flags: { readonly url?: string | undefined; readonly apiKey?: string | undefined };
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** The folder of the project, where `npm start` runs. */
  readonly root: string;
}

interface Found {
  readonly value: string;
  readonly from: string;
}

interface DevFile {
  readonly path: string;
  readonly baseUrl: string;
  readonly adminApiKey: string;
}

/**
 * The flags, then COUNTERSIGN_URL and COUNTERSIGN_API_KEY, then what a running `npm start` wrote to
 * `.countersign/dev.json`. The key of that file goes to the address of that file only, never to another.
 */
export function findConnection({ flags, env, cwd, root }: ConnectionSources): Connection {
  const url = given(flags.url, '--url') ?? given(env['COUNTERSIGN_URL'], 'COUNTERSIGN_URL');
  const key = given(flags.apiKey, '--api-key') ?? given(env['COUNTERSIGN_API_KEY'], 'COUNTERSIGN_API_KEY');
  const dev = url !== undefined && key !== undefined ? undefined : readDevFile({ env, cwd, root });
  const address = url ?? (dev && { value: dev.baseUrl, from: dev.path });
  if (address === undefined) throw new CliError(NOT_RUNNING);
  const baseUrl = checkedUrl(address);
  const apiKey = key?.value ?? (dev !== undefined && isSameOrigin(dev.baseUrl, baseUrl) ? dev.adminApiKey : undefined);
  if (apiKey === undefined) throw new CliError(keyMissing(baseUrl));
  return { baseUrl, apiKey, baseUrlFrom: address.from };
}

const NOT_RUNNING = [
  'No Countersign was found here: neither --url, nor COUNTERSIGN_URL, nor .countersign/dev.json says where it is.',
  '  - to start one on this machine, run `npm start` in another terminal and leave it running',
  '  - to use one that runs elsewhere, set COUNTERSIGN_URL and COUNTERSIGN_API_KEY',
].join('\n');

function keyMissing(baseUrl: string): string {
  return [
    `There is no API key for ${baseUrl}.`,
    '  - set COUNTERSIGN_API_KEY to a key of that installation',
    '  - whoever administers it makes one with `npx countersign keys create`',
  ].join('\n');
}

function given(value: string | undefined, from: string): Found | undefined {
  return value === undefined || value === '' ? undefined : { value, from };
}

function checkedUrl({ value, from }: Found): string {
  if (!URL.canParse(value) || !['http:', 'https:'].includes(new URL(value).protocol)) {
    throw new CliError(`The address from ${from} must be a whole http or https URL, such as http://127.0.0.1:8080.`, 2);
  }
  return value.replace(/\/+$/, '');
}

function isSameOrigin(one: string, other: string): boolean {
  return URL.canParse(one) && new URL(one).origin === new URL(other).origin;
}

function readDevFile({ env, cwd, root }: Omit<ConnectionSources, 'flags'>): DevFile | undefined {
  const home = env['COUNTERSIGN_HOME'];
  // As the configuration reads it: whoever moves the home folder means that one alone.
  const folders =
    home === undefined || home === '' ? [join(cwd, '.countersign'), join(root, '.countersign')] : [resolve(root, home)];
  for (const folder of folders) {
    const path = join(folder, 'dev.json');
    const text = readIfThere(path);
    if (text !== undefined) return parsedDevFile(path, text);
  }
  return undefined;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CliError(`${path} can not be read: ${(error as Error).message}`);
  }
}

function parsedDevFile(path: string, text: string): DevFile {
  const content = parsed(text) as { baseUrl?: unknown; adminApiKey?: unknown } | null | undefined;
  if (typeof content?.baseUrl !== 'string' || typeof content.adminApiKey !== 'string') {
    throw new CliError(
      `${path} is not what \`npm start\` writes. Stop it, remove the file, and run \`npm start\` again.`,
    );
  }
  return { path, baseUrl: content.baseUrl, adminApiKey: content.adminApiKey };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
