import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pid } from 'node:process';

/** Writes a file so that a reader, or a crash, sees the old one or the new one and never half of it. Makes the folder. */
export async function writeAtomically(path: string, content: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.${pid}.unfinished`;
  await writeFile(unfinished, content);
  await rename(unfinished, path);
}
