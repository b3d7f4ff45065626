import type { DraftContent, JsonValue } from '../contracts/digest';
import type { Submission } from '../contracts/submission';
import { INPUT_TEXT } from '../contracts/words/names';
import type {
  CallerAnswer,
  CheckResult,
  Classification,
  DraftRef,
  GatheredContext,
  TaskRef,
} from '../contracts/words/task';
import { getTexts, putTexts } from '../store/texts';
import type { DraftMaterial } from '../tasks/define';
import { type StepDependencies, taskTypeOf } from './dependencies';

export interface MaterialRequest {
  readonly class: Classification;
  readonly contexts: readonly GatheredContext[];
  readonly guidance?: string | null;
  readonly answers?: readonly CallerAnswer[];
  readonly repair?: { readonly draft: DraftRef; readonly failed: readonly CheckResult[] } | null;
  /** Further drafts to read along. */
  readonly draft?: DraftRef | null;
}

export interface LoadedMaterial {
  readonly material: DraftMaterial<unknown>;
  readonly draft: DraftContent | null;
}

/** Reads and decrypts, in one transaction, everything that drafting or checking is given. */
export async function loadMaterial(
  dependencies: StepDependencies,
  ref: TaskRef,
  request: MaterialRequest,
): Promise<LoadedMaterial> {
  const contexts = request.contexts.filter((context) => context.text !== null);
  const names = [
    INPUT_TEXT,
    ...contexts.map(({ text }) => text),
    request.guidance,
    ...(request.answers ?? []).flatMap(({ text, question }) => [text, question]),
    request.repair?.draft.text,
    request.draft?.text,
  ];
  const texts = await readTexts(dependencies, ref, names);
  const read = <T>(name: string | null | undefined): T | null => (name ? (JSON.parse(textOf(texts, name)) as T) : null);
  const submission = read<Submission>(INPUT_TEXT);
  const repaired = read<DraftContent>(request.repair?.draft.text);
  const material: DraftMaterial<unknown> = {
    input: taskTypeOf(dependencies, ref.type).input.parse(submission?.input),
    class: request.class,
    context: Object.fromEntries(contexts.map((context) => [context.integration, read<JsonValue>(context.text)])),
    guidance: request.guidance ? textOf(texts, request.guidance) : null,
    answers: (request.answers ?? []).map(({ text, question }) => ({
      question: question === null ? null : textOf(texts, question),
      answer: textOf(texts, text),
    })),
    repair: request.repair && repaired ? { output: repaired.output, failed: request.repair.failed } : null,
  };
  return { material, draft: read<DraftContent>(request.draft?.text) };
}

export async function loadSubmission(dependencies: StepDependencies, ref: TaskRef): Promise<Submission> {
  const texts = await readTexts(dependencies, ref, [INPUT_TEXT]);
  return JSON.parse(textOf(texts, INPUT_TEXT)) as Submission;
}

/** What the caller said after the input, in order. */
export async function loadAnswers(
  dependencies: StepDependencies,
  ref: TaskRef,
  answers: readonly CallerAnswer[],
): Promise<readonly string[]> {
  if (answers.length === 0) return [];
  const names = answers.map(({ text }) => text);
  const texts = await readTexts(dependencies, ref, names);
  return names.map((name) => textOf(texts, name));
}

/** Texts by name, from the step before or from the store. */
export async function readTexts(
  { store, keyring, textCache }: StepDependencies,
  ref: TaskRef,
  names: readonly (string | null | undefined)[],
): Promise<Readonly<Record<string, string>>> {
  const wanted = [...new Set(names.filter((name): name is string => typeof name === 'string'))];
  const known = Object.fromEntries(wanted.flatMap((name) => entryOf(name, textCache?.get(ref, name))));
  const missing = wanted.filter((name) => !(name in known));
  if (missing.length === 0) return known;
  const read = await store.inTenant(ref.tenant, (tx) => getTexts(tx, keyring, { taskId: ref.taskId, names: missing }));
  textCache?.put(ref, read);
  return { ...known, ...read };
}

function entryOf(name: string, text: string | undefined): [string, string][] {
  return text === undefined ? [] : [[name, text]];
}

/** Keeps texts whose names hold their digest, for the steps to come. */
export async function keepTexts(
  { store, keyring, textCache, clock }: StepDependencies,
  ref: TaskRef,
  texts: Readonly<Record<string, string>>,
): Promise<void> {
  const at = clock().toISOString();
  await store.inTenant(ref.tenant, (tx) => putTexts(tx, keyring, { taskId: ref.taskId, texts, at }));
  textCache?.put(ref, texts);
}

export function textOf(texts: Readonly<Record<string, string>>, name: string): string {
  const text = texts[name];
  if (text === undefined) throw new Error(`the text ${name} is not in the store`);
  return text;
}
