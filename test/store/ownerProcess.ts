import { openStore } from '../../store/openStore';
import { ensureTenant } from '../../store/tenants';

/** Owns the store in the folder it is given, and commits one tenant after another until it is killed. */
async function run(directory: string): Promise<never> {
  const store = await openStore({ directory });
  for (let i = 0; ; i += 1) {
    const id = `tenant-${i}`;
    await store.asSystem((tx) => ensureTenant(tx, { id, name: id, createdAt: new Date().toISOString() }));
    process.stdout.write(`${id}\n`);
  }
}

void run(process.argv[2] ?? '');
