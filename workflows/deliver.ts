import { ActivityFailure, CancellationScope } from '@temporalio/workflow';
import type { Permit } from '../contracts/words/task';
import type { Outcome } from '../contracts/words/vocabulary';
import { failureType } from './adopt';
import { delivery } from './proxies';
import type { TaskRun } from './taskRun';

/**
 * Delivers what the permit allows, and nothing else: the permit is in the store first, where delivery looks for it, and the
 * digest is taken again from the stored text. From here on the task can't be cancelled. A delivery that is refused goes back
 * to a person; false is returned.
 */
export async function deliver(run: TaskRun): Promise<boolean> {
  const { draft, permit } = run.state;
  if (!draft || !permit) throw new TypeError('delivery needs a draft and a permit');
  const outcome = outcomeOf(permit, run);
  run.isDelivering = true;
  await run.save();
  await run.step('deliver', () =>
    CancellationScope.nonCancellable(async () => {
      try {
        const request = { ref: run.ref, policyVersion: run.policy.version, draft, permit };
        const { deliveredAt, effects } = await delivery.deliver.executeWithOptions(
          { summary: `delivers as ${outcome}` },
          [request],
        );
        run.change({ output: draft.text, outcome, completedAt: deliveredAt });
        run.audit('delivered', {
          actor: permit.by,
          facts: { outcome, digest: draft.digest, effects: effects.map(({ name }) => name) },
        });
        return {
          result: 'ok',
          evidence: { outcome, effects: effects.map(({ name, result }) => `${name}: ${result}`) },
        };
      } catch (error) {
        if (!(error instanceof ActivityFailure)) throw error;
        return refuse(run, error);
      }
    }),
  );
  run.isDelivering = run.state.output !== null;
  return run.isDelivering;
}

function refuse(run: TaskRun, error: ActivityFailure) {
  const failure = failureType(error);
  const reason = failure === 'effect_refused' ? 'contract_violation' : 'checks_failed';
  run.change({ permit: null });
  run.addReason(reason, { step: 'deliver', evidence: { failure } });
  run.audit('delivery_refused', { actor: 'policy', facts: { failure } });
  return { result: 'refused', evidence: { failure } };
}

function outcomeOf(permit: Permit, run: TaskRun): Outcome {
  if (permit.kind === 'grant') return 'answered';
  if (permit.kind === 'fallback') return 'fell_back';
  const decision = run.state.review?.rounds.at(-1)?.decision;
  return decision?.action === 'correct' ? 'corrected' : 'approved';
}
