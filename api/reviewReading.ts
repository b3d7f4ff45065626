import type { DraftContent } from '../contracts/digest';
import { FALLBACK_TEXT, taskIdOfReview } from '../contracts/words/names';
import type { TenantTx } from '../store/store';
import { readTask } from '../store/tasks';
import type { TaskRow } from '../store/taskRow';
import { getTexts } from '../store/texts';
import type { ResolvedTask } from '../tasks/resolve';
import type { ApiDependencies } from './dependencies';
import { ProblemError } from './problems';

/** The task of a review. Throws `review_unknown`. */
export function requireReviewed({ store }: ApiDependencies, tenant: string, reviewId: string): Promise<TaskRow> {
  return store.inTenant(tenant, (tx) => readReviewed(tx, reviewId));
}

export async function readReviewed(tx: TenantTx, reviewId: string): Promise<TaskRow> {
  if (!reviewId.startsWith('rev_')) throw new ProblemError('review_unknown');
  const row = await readTask(tx, taskIdOfReview(reviewId));
  if (!row?.state?.review) throw new ProblemError('review_unknown');
  return row;
}

/** The draft of the newest round, as a reviewer is shown it; null where there is none. */
export async function draftUnderReview({ store, keyring, taskTypes }: ApiDependencies, tenant: string, taskId: string) {
  return store.inTenant(tenant, async (tx) => {
    const row = await readTask(tx, taskId);
    const draft = row?.state?.review?.rounds.at(-1)?.draft;
    if (!row || !draft || draft.text === FALLBACK_TEXT) return null;
    const texts = await getTexts(tx, keyring, { taskId, names: [draft.text] });
    const text = texts[draft.text];
    if (text === undefined) return null;
    return shownDraft(taskTypes.get(row.type), draft, JSON.parse(text) as DraftContent);
  });
}

/** Personal data in a draft is not masked: a reviewer decides on exactly what would be delivered. */
export function shownDraft(
  taskType: ResolvedTask | undefined,
  { version, digest }: { readonly version: number; readonly digest: string },
  { output, effects }: DraftContent,
) {
  const shown = effects.map((request) => {
    const effect = taskType?.effects.find(({ name }) => name === request.name);
    return { ...request, sentence: effect?.describe(request) ?? `Calls ${request.name}.` };
  });
  return { version, digest, output, effects: shown };
}
