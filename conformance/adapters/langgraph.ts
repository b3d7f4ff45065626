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
    47: 'the library has no timers',
  },
  open: async (world) => {
    const processes = new Processes();
    const store = await startStore(processes);
    const env = { DATABASE_URL: store.databaseUrl };
    const also = ['waiting', 'cancel', 'reset', 'answer', 'trail'] as const;
    return PeerSystem.open({ name: 'langgraph', world, processes, env, restartStore: store.restart, also });
  },
};
