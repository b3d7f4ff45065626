import { Processes } from '../../scripts/setup/Processes.mjs';
import type { Adapter } from '../adapter';
import { startStore } from '../store';
import { APPLICATION_WORK } from './applicationWork';
import { PeerSystem } from './peerSystem';
import { versionOf } from './versionOf';

export const langgraph: Adapter = {
  name: 'langgraph',
  title: 'LangGraph.js + PostgreSQL',
  version: () => `${versionOf('@langchain/langgraph')}, ${versionOf('@langchain/langgraph-checkpoint-postgres')}`,
  notOffered: {
    ...APPLICATION_WORK,
    15: 'the library has no timers: a thread that waits is woken only by a call',
    16: 'no assignee of what waits, and no timers',
    17: 'the library has no timers',
    29: 'a thread that waits can’t be cancelled, only deleted with its history',
    47: 'the library has no timers',
    35: 'checkpoints are listed one thread at a time; a list of what waits is in its hosted platform',
  },
  open: async (world) => {
    const processes = new Processes();
    const store = await startStore(processes);
    const env = { DATABASE_URL: store.databaseUrl };
    const also = ['reset', 'answer', 'trail'] as const;
    return PeerSystem.open({ name: 'langgraph', world, processes, env, restartStore: store.restart, also });
  },
};
