import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import type { Driver } from './driver';

/** Drives the bare workflow: started, approved, finished. */
export async function bareDriver(address: string): Promise<Driver> {
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });
  const start = () => client.workflow.start('bare', { workflowId: `bare-${randomUUID()}`, taskQueue: 'bare' });
  return {
    cycle: async () => {
      const handle = await start();
      await handle.executeUpdate('approve');
      await handle.result();
    },
    resume: async () => {
      const handle = await start();
      while (!(await handle.query<boolean>('isWaiting'))) await pause(5);
      const finished = handle.result();
      const startedAt = performance.now();
      await handle.executeUpdate('approve');
      await finished;
      return performance.now() - startedAt;
    },
    close: () => connection.close(),
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
