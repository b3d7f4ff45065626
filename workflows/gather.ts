import { ActivityFailure, isCancellation } from '@temporalio/workflow';
import type { IntegrationPolicy } from '../contracts/words/policy';
import type { GatheredContext } from '../contracts/words/task';
import { failureType } from './adopt';
import { remote } from './proxies';
import { now, type TaskRun } from './taskRun';

/** Reads each integration through its contract, in parallel. What a required one can't give becomes a reason. */
export async function gather(run: TaskRun): Promise<void> {
  const { integrations } = run.policy;
  if (integrations.length === 0) return;
  await run.step('gather', async () => {
    const contexts = await Promise.all(integrations.map((integration) => read(run, integration)));
    run.change({ contexts });
    contexts.forEach((context, index) =>
      explain(run, { context, isRequired: integrations[index]?.isRequired ?? true }),
    );
    const missing = contexts.filter((context) => context.status !== 'ok').map((context) => context.integration);
    return { result: missing.length === 0 ? 'ok' : 'incomplete', evidence: { missing } };
  });
}

async function read(run: TaskRun, integration: IntegrationPolicy): Promise<GatheredContext> {
  try {
    return await remote.gather(integration)({ ref: run.ref, integration });
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    const evidence = { failure: failureType(error) };
    return {
      integration: integration.name,
      status: 'unavailable',
      text: null,
      fetchedAt: now(),
      latencyMs: 0,
      evidence,
    };
  }
}

/** An answer that breaks its contract is always told; one that is merely missing only where it is required. */
function explain(run: TaskRun, { context, isRequired }: { context: GatheredContext; isRequired: boolean }): void {
  const evidence = { integration: context.integration, ...context.evidence };
  if (context.status === 'contract_violation') run.addReason('contract_violation', { step: 'gather', evidence });
  if (context.status === 'unavailable' && isRequired)
    run.addReason('context_unavailable', { step: 'gather', evidence });
}
