import type { DraftContent, JsonValue } from '../contracts/digest';
import type { AnswerOf } from '../contracts/http/operation';
import type { review, reviewRow } from '../contracts/http/reviews';
import { reasonSentence } from '../contracts/reasonSentences';
import type { Submission } from '../contracts/submission';
import { FALLBACK_TEXT, INPUT_TEXT } from '../contracts/words/names';
import type { GatheredContext, ReviewState, TaskState, TextName } from '../contracts/words/task';
import { readAudit } from '../store/audit';
import { readPolicy } from '../store/policies';
import { similarDecided } from '../store/reviews';
import type { ReviewRow } from '../store/reviews';
import type { TenantTx } from '../store/store';
import type { TaskRow } from '../store/taskRow';
import { getTexts } from '../store/texts';
import type { ResolvedTask } from '../tasks/resolve';
import { readActorNames } from './actorNames';
import type { ActorNames } from './actorNames';
import { changesBetween } from './contextChanges';
import type { ApiDependencies } from './dependencies';
import { nowOf } from './dependencies';
import { maskPersonalData } from './maskPersonalData';
import { NOTED } from './notes';
import { shownDraft } from './reviewReading';
import { actorsOf, decidingOf, neededOfReview, notesOfRounds, shownRounds, textsOfRounds } from './reviewRounds';
import { reviewUrl, taskUrl } from './taskAnswer';

export type ReviewAnswer = AnswerOf<typeof review>;

const SIMILAR_CASES = 5;

export interface ReviewToShow {
  readonly row: ReviewRow;
  readonly task: TaskRow;
  readonly state: TaskState;
  readonly review: ReviewState;
  /** Whether personal data in input and context is shown. */
  readonly isRevealed: boolean;
}

export function reviewRowAnswer(
  dependencies: ApiDependencies,
  row: ReviewRow,
  nameOf: ActorNames,
): AnswerOf<typeof reviewRow> {
  const { mainReason, reasons } = row;
  return { ...sharedFields(dependencies, row, nameOf), mainReason, reasons };
}

function sharedFields(dependencies: ApiDependencies, row: ReviewRow, nameOf: ActorNames) {
  const { id, taskId, type, status, queue, confidence, priority, claimedBy, claimedUntil } = row;
  const { round, digest, reminders, approvalsGiven, approvalsNeeded, openedAt, dueAt, closedAt } = row;
  const isOverdue = status !== 'closed' && dueAt !== null && dueAt <= nowOf(dependencies);
  const links = { self: reviewUrl(dependencies, id), task: taskUrl(dependencies, taskId) };
  const identity = {
    id,
    taskId,
    type,
    status,
    queue,
    alsoQueue: row.alsoQueue,
    class: row.class,
    confidence,
    priority,
  };
  return {
    ...identity,
    claimedBy,
    claimedByName: claimedBy === null ? null : nameOf(claimedBy),
    claimedUntil,
    round,
    digest,
    reminders,
    approvalsGiven,
    approvalsNeeded,
    openedAt,
    dueAt,
    isOverdue,
    closedAt,
    links,
  };
}

/** Everything that a decision needs, read and decrypted in one transaction. */
export async function readReviewAnswer(
  dependencies: ApiDependencies,
  tx: TenantTx,
  shown: ReviewToShow,
): Promise<ReviewAnswer> {
  const { task, state, review, isRevealed } = shown;
  const taskType = dependencies.taskTypes.get(task.type);
  const texts = await textsOf(dependencies, tx, shown);
  const nameOf = await readActorNames(tx, [shown.row.claimedBy, ...actorsOf(review)]);
  const show = (value: JsonValue) => (isRevealed ? value : maskPersonalData(value, taskType));
  const input = parsed<Submission>(texts, INPUT_TEXT)?.input ?? null;
  return {
    ...sharedFields(dependencies, shown.row, nameOf),
    reasons: state.reasons.map(({ reason, step, evidence }) => ({
      reason,
      step,
      sentence: reasonSentence({ reason }),
      evidence,
    })),
    language: state.language,
    input: show(input),
    isMasked: !isRevealed,
    classification: state.class,
    trust: state.confidence,
    draft: draftOf(taskType, review, texts),
    checks: state.checks,
    context: state.contexts.map((each) => contextOf(dependencies, taskType, { context: each, texts, show })),
    attempts: state.attempts,
    similar: await similarOf(dependencies, tx, task),
    rounds: shownRounds(review, texts, nameOf),
    notes: await notesOf(dependencies, tx, { shown, texts }),
    answers: (state.answers ?? []).map(({ text, question, at }) => ({
      question: question === null ? null : (texts[question] ?? null),
      text: show(texts[text] ?? null),
      at,
    })),
    needed: neededOfReview(review),
    deciding: decidingOf(review, await readPolicy(tx, task.policyVersion)),
    changes: await changesOf(dependencies, tx, { shown, show }),
    ladder: review.ladder,
    closedBy: review.closedBy,
    outputSchema: taskType?.outputSchema ?? {},
  };
}

type Texts = Readonly<Record<string, string>>;

async function textsOf(
  { keyring }: ApiDependencies,
  tx: TenantTx,
  { task, state, review }: ReviewToShow,
): Promise<Texts> {
  const names = [
    INPUT_TEXT,
    review.rounds.at(-1)?.draft?.text,
    ...state.contexts.map((context) => context.text),
    ...textsOfRounds(review),
    ...(state.answers ?? []).flatMap(({ text, question }) => [text, question]),
  ].filter((name): name is TextName => typeof name === 'string' && name !== FALLBACK_TEXT);
  return getTexts(tx, keyring, { taskId: task.id, names: [...new Set(names)] });
}

function parsed<T>(texts: Texts, name: TextName | null | undefined): T | null {
  const text = name ? texts[name] : undefined;
  return text === undefined ? null : (JSON.parse(text) as T);
}

function draftOf(taskType: ResolvedTask | undefined, review: ReviewState, texts: Texts) {
  const draft = review.rounds.at(-1)?.draft;
  const content = parsed<DraftContent>(texts, draft?.text);
  return draft && content ? shownDraft(taskType, draft, content) : null;
}

function contextOf(
  { clock }: ApiDependencies,
  taskType: ResolvedTask | undefined,
  { context, texts, show }: { context: GatheredContext; texts: Texts; show: (value: JsonValue) => JsonValue },
) {
  const { integration, status, fetchedAt, latencyMs, evidence, text } = context;
  const ageSeconds = Math.max(0, Math.round((clock().getTime() - Date.parse(fetchedAt)) / 1000));
  const freshSeconds = taskType?.context.find(({ name }) => name === integration)?.freshSeconds ?? 0;
  const isFresh = status === 'ok' && ageSeconds <= freshSeconds;
  return {
    integration,
    status,
    fetchedAt,
    ageSeconds,
    isFresh,
    latencyMs,
    evidence,
    content: show(parsed<JsonValue>(texts, text)),
  };
}

/** In the order they were written: those that came with decisions, and those that stand alone, which the audit trail names. */
async function notesOf(
  { keyring }: ApiDependencies,
  tx: TenantTx,
  { shown: { task, review }, texts }: { readonly shown: ReviewToShow; readonly texts: Texts },
): Promise<ReviewAnswer['notes']> {
  const noted = await readAudit(tx, task.id, { kind: NOTED });
  const names = noted.map(({ facts }) => String(facts['note']));
  const own = await getTexts(tx, keyring, { taskId: task.id, names: [...new Set(names)] });
  const alone = noted.flatMap(({ actor, at, facts }) => {
    const text = own[String(facts['note'])];
    return text === undefined ? [] : [{ kind: 'note' as const, by: actor, at, round: null, text }];
  });
  return [...notesOfRounds(review, texts), ...alone].sort((one, other) => (one.at < other.at ? -1 : 1));
}

/** What other systems say otherwise than when the round before was decided. */
async function changesOf(
  { keyring }: ApiDependencies,
  tx: TenantTx,
  { shown: { task, review }, show }: { readonly shown: ReviewToShow; readonly show: (value: JsonValue) => JsonValue },
): Promise<ReviewAnswer['changes']> {
  const [before, now] = [review.rounds.at(-2)?.contexts ?? [], review.rounds.at(-1)?.contexts ?? []];
  const pairs = now.flatMap((after) => {
    const old = before.find(({ integration }) => integration === after.integration);
    return old?.text && after.text && old.text !== after.text ? [{ integration: after.integration, old, after }] : [];
  });
  const names = pairs
    .flatMap(({ old, after }) => [old.text, after.text])
    .filter((name): name is string => name !== null);
  const texts = await getTexts(tx, keyring, { taskId: task.id, names });
  // Masked only after they are compared: one address in the place of another is a change, and both are shown as [EMAIL].
  return pairs.flatMap(({ integration, old, after }) =>
    changesBetween(parsed(texts, old.text), parsed(texts, after.text)).map((change) => ({
      integration,
      path: change.path,
      before: show(change.before),
      after: show(change.after),
    })),
  );
}

/** What people decided on the same kind of task. Always masked: these are other people's cases. */
async function similarOf(dependencies: ApiDependencies, tx: TenantTx, task: TaskRow): Promise<ReviewAnswer['similar']> {
  const className = task.state?.class?.name;
  if (className === undefined) return [];
  const request = { type: task.type, class: className, limit: SIMILAR_CASES, exceptTaskId: task.id };
  const cases: ReviewAnswer['similar'][number][] = [];
  for (const { id, state } of await similarDecided(tx, request)) {
    const review = state?.review;
    const decision = review?.rounds.findLast((round) => round.decision !== null)?.decision;
    if (!review || !decision) continue;
    const { action, by, at } = decision;
    const output = await deliveredOf(dependencies, tx, {
      taskId: id,
      name: state.output,
      taskType: dependencies.taskTypes.get(task.type),
    });
    cases.push({ taskId: id, reviewId: review.id, class: className, action, by, at, output });
  }
  return cases;
}

async function deliveredOf(
  { keyring }: ApiDependencies,
  tx: TenantTx,
  { taskId, name, taskType }: { taskId: string; name: TextName | null; taskType: ResolvedTask | undefined },
): Promise<JsonValue> {
  if (name === null || name === FALLBACK_TEXT) return null;
  const texts = await getTexts(tx, keyring, { taskId, names: [name] });
  return maskPersonalData(parsed<DraftContent>(texts, name)?.output ?? null, taskType);
}
