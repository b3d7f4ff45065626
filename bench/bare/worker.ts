import { NativeConnection, Worker } from '@temporalio/worker';
import { BARE_STEPS } from './steps';

/** A worker of its own process, as the product's is. */
async function main(): Promise<void> {
  const connection = await NativeConnection.connect({ address: process.env.TEMPORAL_ADDRESS ?? '127.0.0.1:7233' });
  const worker = await Worker.create({
    connection,
    taskQueue: 'bare',
    workflowsPath: require.resolve('./workflow.ts'),
    activities: BARE_STEPS,
    maxCachedWorkflows: 500,
  });
  const finished = worker.run();
  console.log('bare worker ready');
  await finished;
}

void main();
