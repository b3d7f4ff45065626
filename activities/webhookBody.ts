import type { DraftContent } from '../contracts/digest';
import type { Submission } from '../contracts/submission';
import { FALLBACK_TEXT, INPUT_TEXT } from '../contracts/words/names';
import { questionToCaller } from '../contracts/words/question';
import type { NotifyRequest } from '../contracts/words/steps';
import { readPolicy } from '../store/policies';
import { readTask } from '../store/tasks';
import type { StepDependencies } from './dependencies';
import { readTexts, textOf } from './material';

/** What a webhook says: the event, and the task as its caller may know it, with the output once it is delivered. */
export async function webhookBody(dependencies: StepDependencies, { ref, event, key }: NotifyRequest): Promise<string> {
  const task = await dependencies.store.inTenant(ref.tenant, (tx) => readTask(tx, ref.taskId));
  const state = task?.state;
  if (!task || !state) throw new Error('the task is not projected yet');
  const isFallback = state.output === FALLBACK_TEXT;
  const question = questionToCaller(state);
  const texts = await readTexts(dependencies, ref, [INPUT_TEXT, isFallback ? null : state.output, question?.text]);
  const submission = JSON.parse(textOf(texts, INPUT_TEXT)) as Submission;
  const policy = isFallback ? await dependencies.store.asSystem((tx) => readPolicy(tx, task.policyVersion)) : null;
  const delivered =
    state.output && !isFallback ? (JSON.parse(textOf(texts, state.output)) as DraftContent).output : null;
  const data = {
    id: task.id,
    type: task.type,
    status: state.status,
    outcome: state.outcome,
    output: policy ? policy.fallback : delivered,
    class: state.class && { name: state.class.name, probability: state.class.probability },
    confidence: state.confidence,
    reasons: state.reasons.map((given) => given.reason),
    cost: state.cost,
    review: state.review && { id: state.review.id, status: state.review.status },
    question: question && { text: textOf(texts, question.text), askedAt: question.at },
    reference: submission.reference,
    metadata: submission.metadata,
    completedAt: state.completedAt,
  };
  return JSON.stringify({ type: event, timestamp: state.completedAt ?? state.review?.openedAt, key, data });
}
