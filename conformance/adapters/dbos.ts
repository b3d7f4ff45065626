import { Processes } from '../../scripts/setup/Processes.mjs';
import type { Adapter } from '../adapter';
import { startStore } from '../store';
import { APPLICATION_WORK } from './applicationWork';
import { PeerSystem } from './peerSystem';
import { versionOf } from './versionOf';

export const dbos: Adapter = {
  name: 'dbos',
  title: 'DBOS',
  version: () => versionOf('@dbos-inc/dbos-sdk'),
  notOffered: APPLICATION_WORK,
  open: async (world) => {
    const processes = new Processes();
    const store = await startStore(processes);
    const env = { DATABASE_URL: store.databaseUrl };
    const also = ['waiting', 'cancel', 'reset', 'answer', 'trail'] as const;
    return PeerSystem.open({ name: 'dbos', world, processes, env, restartStore: store.restart, also });
  },
};
