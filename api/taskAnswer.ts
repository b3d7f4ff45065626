import type { AnswerOf } from '../contracts/http/operation';
import type { task } from '../contracts/http/tasks';
import type { DraftContent, JsonObject, JsonValue } from '../contracts/digest';
import { FALLBACK_TEXT, PARTICULARS_TEXT } from '../contracts/words/names';
import { questionToCaller } from '../contracts/words/question';
import type { Cost, TextName } from '../contracts/words/task';
import { readPolicy } from '../store/policies';
import type { TenantTx } from '../store/store';
import type { TaskRow } from '../store/taskRow';
import { readTask } from '../store/tasks';
import { getTexts } from '../store/texts';
import type { ApiDependencies } from './dependencies';
import { ProblemError } from './problems';

export type TaskAnswer = AnswerOf<typeof task>;

/** What the caller said about a task besides its input. Kept as a text of its own, since an input can be large. */
export interface Particulars {
  readonly subject: string | null;
  readonly reference: string | null;
  readonly metadata: JsonObject | null;
}

const NO_PARTICULARS: Particulars = { subject: null, reference: null, metadata: null };
const NO_COST: Cost = { modelMicroUsd: 0, humanMicroUsd: 0, humanSeconds: 0, totalMicroUsd: 0 };

/** The answer of a task that is known to be there. */
export function requireTaskAnswer(dependencies: ApiDependencies, tenant: string, taskId: string): Promise<TaskAnswer> {
  return dependencies.store.inTenant(tenant, async (tx) => {
    const row = await readTask(tx, taskId);
    if (row === null) throw new ProblemError('task_unknown');
    return readTaskAnswer(dependencies, tx, row);
  });
}

/** Reads and decrypts what a task's answer needs besides its row. A text that was erased reads as null. */
export async function readTaskAnswer(dependencies: ApiDependencies, tx: TenantTx, row: TaskRow): Promise<TaskAnswer> {
  const outputName = row.state?.output ?? null;
  const asked = row.state && questionToCaller(row.state);
  const wanted = [PARTICULARS_TEXT, outputName === FALLBACK_TEXT ? null : outputName, asked?.text];
  const names = wanted.filter((name): name is TextName => typeof name === 'string');
  const texts = await getTexts(tx, dependencies.keyring, { taskId: row.id, names });
  const particulars = texts[PARTICULARS_TEXT];
  return taskAnswer(dependencies, row, {
    particulars: particulars === undefined ? NO_PARTICULARS : (JSON.parse(particulars) as Particulars),
    output: outputName === null ? null : await outputOf(tx, row, { name: outputName, texts }),
    question: asked && { text: texts[asked.text] ?? '', askedAt: asked.at },
  });
}

async function outputOf(
  tx: TenantTx,
  row: TaskRow,
  { name, texts }: { name: TextName; texts: Readonly<Record<string, string>> },
): Promise<JsonValue> {
  if (name === FALLBACK_TEXT) return (await readPolicy(tx, row.policyVersion))?.fallback ?? null;
  const text = texts[name];
  return text === undefined ? null : (JSON.parse(text) as DraftContent).output;
}

export function taskAnswer(
  dependencies: ApiDependencies,
  row: TaskRow,
  { particulars, output, question }: { particulars: Particulars; output: JsonValue; question: TaskAnswer['question'] },
): TaskAnswer {
  const { state } = row;
  return {
    id: row.id,
    type: row.type,
    typeVersion: row.typeVersion,
    status: row.status,
    outcome: row.outcome,
    output,
    class: state?.class ? { name: state.class.name, probability: state.class.probability } : null,
    confidence: state?.confidence ?? null,
    reasons: [...new Set(state?.reasons.map((given) => given.reason))],
    draft: state?.draft ? { version: state.draft.version, digest: state.draft.digest } : null,
    permit: state?.permit ?? null,
    attempts: state?.attempts ?? [],
    cost: state?.cost ?? NO_COST,
    review: state?.review ? { id: state.review.id, status: state.review.status } : null,
    question,
    ...particulars,
    priority: row.priority,
    createdAt: row.createdAt,
    completedAt: row.completedAt,
    links: linksOf(dependencies, row),
  };
}

export function taskUrl({ config }: Pick<ApiDependencies, 'config'>, taskId: string): string {
  return `${config.http.publicUrl ?? ''}/v1/tasks/${taskId}`;
}

function linksOf(dependencies: ApiDependencies, { id, state }: TaskRow): Record<string, string> {
  const self = taskUrl(dependencies, id);
  const review = state?.review ? { review: reviewUrl(dependencies, state.review.id) } : {};
  return { self, timeline: `${self}/timeline`, ...review };
}

export function reviewUrl({ config }: Pick<ApiDependencies, 'config'>, reviewId: string): string {
  return `${config.http.publicUrl ?? ''}/v1/reviews/${reviewId}`;
}
