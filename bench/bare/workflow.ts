import { condition, defineQuery, defineUpdate, proxyActivities, setHandler } from '@temporalio/workflow';
import type { BareSteps } from './steps';

const steps = proxyActivities<BareSteps>({ startToCloseTimeout: '10s' });
const approve = defineUpdate<void>('approve');
const isWaitingQuery = defineQuery<boolean>('isWaiting');

/** The floor: what an approval costs on Temporal alone. Two steps, a person, one step; no store, no text, no rules. */
export async function bare(): Promise<void> {
  let isWaiting = false;
  let isApproved = false;
  setHandler(isWaitingQuery, () => isWaiting);
  setHandler(approve, async () => {
    await condition(() => isWaiting);
    isApproved = true;
  });
  await steps.first();
  await steps.second();
  isWaiting = true;
  await condition(() => isApproved);
  await steps.third();
}
