import { canonicalJson, draftDigest, sha256Hex } from '../contracts/digest';
import type { DraftContent } from '../contracts/digest';
import type { Submission } from '../contracts/submission';
import type { GoldStart } from '../contracts/words/gold';
import { INPUT_TEXT, PARTICULARS_TEXT, draftTextOf } from '../contracts/words/names';
import type { Attempt, Round, TaskState, TextName } from '../contracts/words/task';
import { acceptTask } from '../store/acceptTask';
import type { NewTask } from '../store/acceptTask';
import { type GoldCase, keepGoldTask, unmetGoldCases } from '../store/goldCases';
import { goldTurn } from '../store/reviewerRecords';
import type { TaskRow } from '../store/taskRow';
import { readTask } from '../store/tasks';
import type { TenantTx } from '../store/store';
import { getTexts } from '../store/texts';
import { neededApprovals } from '../tasks/neededApprovals';
import { requestedEffects } from '../tasks/requestedEffects';
import type { ApiDependencies } from './dependencies';
import { nowOf } from './dependencies';
import { startTask } from './startTask';
import type { Particulars } from './taskAnswer';

export interface Decider {
  readonly tenant: string;
  readonly actor: string;
  /** Of the task that was just decided on. */
  readonly type: string;
}

/**
 * After a decision: puts a gold item to review where the schedule says that this reviewer's next decision is to be about one. Whatever
 * goes wrong stops nothing: what is missing is made up for after later decisions.
 */
export async function offerGold(dependencies: ApiDependencies, decider: Decider): Promise<void> {
  try {
    const row = await dependencies.store.inTenant(decider.tenant, (tx) => acceptGold(dependencies, tx, decider));
    if (row !== null) await startTask(dependencies, decider.tenant, row);
  } catch (error) {
    dependencies.log.warn({ err: error }, 'a gold item was due and could not be put to review');
  }
}

async function acceptGold(dependencies: ApiDependencies, tx: TenantTx, decider: Decider): Promise<TaskRow | null> {
  const { keyring } = dependencies;
  const { tenant, actor, type } = decider;
  const draw = (name: string) => keyring.lottery(tenant, name);
  const turn = await goldTurn(tx, { actor, type, draw });
  if (turn === null) return null;
  // No Idempotency-Key has a line break: this id is of this reviewer's decision, and nobody can post it.
  const taskId = keyring.taskId(tenant, `gold\n${actor}\n${turn.decisionsSoFar}\n${turn.draft}`);
  const cases = await unmetGoldCases(tx, { actor, type, draft: turn.draft });
  const shuffled = [...cases].sort((a, b) => draw(`${taskId}/${a.id}`) - draw(`${taskId}/${b.id}`));
  for (const gold of shuffled) {
    const staged = await stage(dependencies, tx, { gold, taskId });
    if (staged === null) continue;
    const { isNew, task } = await acceptTask(tx, keyring, staged.task);
    if (!isNew) return null;
    const { id: caseId, draft } = gold;
    const createdAt = staged.task.createdAt;
    await keepGoldTask(tx, { taskId, caseId, draft, meantFor: actor, start: staged.start, createdAt });
    return task;
  }
  return null;
}

interface Staged {
  readonly task: NewTask;
  readonly start: GoldStart;
}

/** The case as a new task. Null where it can't be one any more: its texts were erased, or the task type has changed too much. */
async function stage(
  dependencies: ApiDependencies,
  tx: TenantTx,
  { gold, taskId }: { readonly gold: GoldCase; readonly taskId: string },
): Promise<Staged | null> {
  const source = await readTask(tx, gold.sourceTaskId);
  const round = source?.state?.review?.rounds[0];
  if (!source?.state || !round) return null;
  const contexts = round.contexts ?? source.state.contexts;
  const names = [INPUT_TEXT, PARTICULARS_TEXT, gold.contentText, ...contexts.flatMap(({ text }) => text ?? [])];
  const texts = await getTexts(tx, dependencies.keyring, { taskId: source.id, names });
  if (names.some((name) => texts[name] === undefined)) return null;
  const draft = draftOf(dependencies, source.type, { texts, contentText: gold.contentText });
  if (draft === null) return null;
  const { content, ...ref } = draft;
  const start: GoldStart = {
    contexts,
    attempt: attemptOf(source.state),
    draft: ref,
    draftScore: scoreOf(source.state, round),
  };
  const copied = Object.fromEntries(contexts.flatMap(({ text }) => (text === null ? [] : [[text, texts[text] ?? '']])));
  const task = taskOf(dependencies, source, { taskId, texts: { ...copied, ...askedOf(texts), [ref.text]: content } });
  return { task, start };
}

/** What was asked, without where the answer went. */
function askedOf(texts: Readonly<Record<TextName, string>>): Record<TextName, string> {
  const submission = JSON.parse(texts[INPUT_TEXT] ?? '') as Submission;
  const input: Submission = { ...submission, callbackUrl: null };
  return { [INPUT_TEXT]: JSON.stringify(input), [PARTICULARS_TEXT]: texts[PARTICULARS_TEXT] ?? '' };
}

/** The draft as it would be made today: the task type may ask for other effects or more people by now. */
function draftOf(
  { taskTypes, policies }: ApiDependencies,
  type: string,
  { texts, contentText }: { readonly texts: Readonly<Record<TextName, string>>; readonly contentText: TextName },
) {
  const [taskType, policy] = [taskTypes.get(type), policies.get(type)];
  const submission = JSON.parse(texts[INPUT_TEXT] ?? '') as Submission;
  const known = JSON.parse(texts[contentText] ?? '') as DraftContent;
  const input = taskType?.input.safeParse(submission.input);
  const output = taskType?.output.safeParse(known.output);
  if (!taskType || !policy || !input?.success || !output?.success) return null;
  const facts = { input: input.data, output: output.data };
  const content: DraftContent = { output: known.output, effects: requestedEffects(taskType, facts) };
  const digest = draftDigest(content, policy.version);
  const needed = neededApprovals(taskType, facts);
  return { version: 1, digest, text: draftTextOf(digest), ...(needed && { needed }), content: canonicalJson(content) };
}

/** The first call for a draft, as one that gave it. */
function attemptOf({ attempts: [first] }: TaskState): Attempt | null {
  return first === undefined ? null : { ...first, result: 'ok' };
}

function scoreOf(state: TaskState, { confidence }: Round): number {
  const probability = state.class?.probability ?? 0;
  return probability === 0 ? 0 : Math.min(1, confidence.score / probability);
}

function taskOf(
  dependencies: ApiDependencies,
  source: TaskRow,
  { taskId, texts }: { readonly taskId: string; readonly texts: Readonly<Record<TextName, string>> },
): NewTask {
  const { type, priority, submitter } = source;
  const [taskType, policy] = [dependencies.taskTypes.get(type), dependencies.policies.get(type)];
  if (taskType === undefined || policy === undefined) throw new Error(`the task type ${type} has no policy`);
  const { subject, reference } = JSON.parse(texts[PARTICULARS_TEXT] ?? '') as Particulars;
  return {
    ...{ taskId, type, priority, submitter, subject, reference, texts },
    typeVersion: taskType.version,
    policyVersion: policy.version,
    bodyHash: sha256Hex(taskId),
    isReviewRequired: false,
    hasCallback: false,
    isGold: true,
    createdAt: nowOf(dependencies),
  };
}
