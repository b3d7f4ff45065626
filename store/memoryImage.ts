import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { migrationsFingerprint } from './migrate';

/** Under a name of its own for each set of migrations. Belongs to the installed packages: a fresh install starts afresh. */
function imagePath(): string {
  return join(__dirname, '..', 'node_modules', '.cache', 'countersign', `store-${migrationsFingerprint()}.tar`);
}

/** The image of a migrated, empty database; null where there is none yet. */
export async function readImage(): Promise<Uint8Array | null> {
  try {
    return await readFile(imagePath());
  } catch {
    // Whatever is wrong with the image, the migrations make the same database, only slower.
    return null;
  }
}

export async function writeImage(image: Uint8Array): Promise<void> {
  const path = imagePath();
  const draft = `${path}.${process.pid}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(draft, image);
    await rename(draft, path);
  } catch {
    // The packages may be read-only: the next store in memory migrates again.
  }
}
