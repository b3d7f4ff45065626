import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { KeyringError } from './KeyringError';

export const MASTER_KEY_BYTES = 32;
const CURE = 'Make one with: openssl rand -base64 32';

/** The 32 bytes in base64 that configuration gives. Throws a KeyringError where it is anything else. */
export function masterKeyFromBase64(value: string): Uint8Array {
  const key = Buffer.from(value.trim(), 'base64');
  if (key.length !== MASTER_KEY_BYTES || key.toString('base64') !== value.trim()) {
    throw new KeyringError('master_key_invalid', `the master key must be ${MASTER_KEY_BYTES} bytes in base64. ${CURE}`);
  }
  return key;
}

/**
 * Reads the master key (32 bytes in base64) from a file. With `create`, makes the file with a new key, mode 0600, where there is
 * none; of several processes that do so at once, all get the same key.
 */
export async function masterKeyFromFile(
  path: string,
  options: { readonly create?: boolean } = {},
): Promise<Uint8Array> {
  const found = await readIfThere(path);
  if (found !== null) return parseFile(path, found);
  if (options.create !== true) {
    throw new KeyringError(
      'master_key_missing',
      `there is no master key at ${path}. Texts of this installation can only be read with the key that encrypted them: ` +
        `restore the file, or, for a new installation, write one. ${CURE}`,
    );
  }
  await createFile(path);
  return parseFile(path, await readFile(path, 'utf8'));
}

function parseFile(path: string, content: string): Uint8Array {
  try {
    return masterKeyFromBase64(content);
  } catch (cause) {
    throw new KeyringError(
      'master_key_invalid',
      `${path} does not hold a master key: it must be 32 bytes in base64. ${CURE}`,
      {
        cause,
      },
    );
  }
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return null;
    throw new KeyringError('master_key_missing', `the master key at ${path} can't be read`, { cause: error });
  }
}

/** Written whole beside its place, then linked there, which fails where another process was first: the file is never seen half. */
async function createFile(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(`${randomBytes(MASTER_KEY_BYTES).toString('base64')}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(draft, path);
  } catch (error) {
    if (!isSystemError(error, 'EEXIST')) throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** By shape: in a test runner's realm, errors of Node's own modules are no instances of its Error. */
function isSystemError(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
