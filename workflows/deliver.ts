import { ActivityFailure, ApplicationFailure, CancellationScope } from '@temporalio/workflow';
import type { ApprovalsNeeded } from '../contracts/words/policy';
import type { ChangedSinceApproval, DeliverRequest } from '../contracts/words/steps';
import type { Evidence, Permit } from '../contracts/words/task';
import type { Outcome, Reason } from '../contracts/words/vocabulary';
import { failureType } from './adopt';
import { withhold } from './gold';
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
  run.stopIfCancelling();
  const outcome = outcomeOf(permit, run);
  if (run.start.gold) return withhold(run, outcome);
  run.isDelivering = true;
  await run.save();
  await run.step('deliver', () =>
    CancellationScope.nonCancellable(async () => {
      try {
        const request = { ref: run.ref, policyVersion: run.policy.version, draft, permit, ...knownThen(run) };
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

/** What delivery compares with, where something has to be still true: what people or the judge saw. */
function knownThen({ policy, state }: TaskRun): Pick<DeliverRequest, 'contexts'> {
  if ((policy.stillTrue ?? []).length === 0) return {};
  return { contexts: state.review?.rounds.at(-1)?.contexts ?? state.contexts };
}

const REASON_OF_REFUSAL: Readonly<Record<string, Reason>> = {
  effect_refused: 'contract_violation',
  changed_since_approval: 'changed_since_approval',
  context_unavailable: 'context_unavailable',
};

function refuse(run: TaskRun, error: ActivityFailure) {
  const failure = failureType(error);
  run.change({ permit: null });
  const changed = changedOf(error);
  if (changed) {
    run.renewContexts(changed.contexts);
    for (const { name, evidence } of changed.failed)
      run.addReason('changed_since_approval', { step: 'deliver', evidence: { precondition: name, ...evidence } });
  } else if (failure === 'quorum_missing') requireMore(run, error);
  else {
    const evidence = { failure, ...detailOf<Evidence>(error) };
    run.addReason(REASON_OF_REFUSAL[failure] ?? 'checks_failed', { step: 'deliver', evidence });
  }
  run.audit('delivery_refused', { actor: 'policy', facts: { failure } });
  return { result: 'refused', evidence: { failure } };
}

/** The rules ask for more people than when the draft was made: so does the next round. */
function requireMore(run: TaskRun, error: ActivityFailure): void {
  const needed = detailOf<ApprovalsNeeded>(error);
  if (run.state.draft && needed) run.change({ draft: { ...run.state.draft, needed } });
  run.addReason('policy_requires_review', { step: 'deliver', evidence: { approvals: needed?.approvals ?? null } });
}

function changedOf(error: ActivityFailure): ChangedSinceApproval | null {
  return failureType(error) === 'changed_since_approval' ? detailOf<ChangedSinceApproval>(error) : null;
}

/** What a refusal says besides its word; null where it says nothing. */
function detailOf<Detail>({ cause }: ActivityFailure): Detail | null {
  return cause instanceof ApplicationFailure ? ((cause.details?.[0] ?? null) as Detail | null) : null;
}

function outcomeOf(permit: Permit, run: TaskRun): Outcome {
  if (permit.kind === 'grant') return 'answered';
  if (permit.kind === 'fallback') return 'fell_back';
  const round = run.state.review?.rounds.at(-1);
  return round?.decision?.action === 'correct' || round?.isCorrection ? 'corrected' : 'approved';
}
