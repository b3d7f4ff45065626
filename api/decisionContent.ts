import { canonicalJson, draftDigest } from '../contracts/digest';
import type { DraftContent, JsonValue } from '../contracts/digest';
import type { DecisionBody } from '../contracts/http/decisions';
import type { FieldError } from '../contracts/http/problem';
import type { Submission } from '../contracts/submission';
import { INPUT_TEXT, draftTextOf } from '../contracts/words/names';
import type { ApprovalsNeeded } from '../contracts/words/policy';
import type { DecisionRequest } from '../contracts/words/review';
import { getTexts, putTexts } from '../store/texts';
import type { TaskRow } from '../store/taskRow';
import { neededApprovals } from '../tasks/neededApprovals';
import { requestedEffects } from '../tasks/requestedEffects';
import type { ResolvedTask } from '../tasks/resolve';
import type { Caller } from './caller';
import type { ApiDependencies } from './dependencies';
import { nowOf } from './dependencies';
import { outputByItems } from './decisionItems';
import { ProblemError, fieldErrorsOf } from './problems';
import { type SaidKind, nameOfSaid } from './said';

/** What a decision carries besides words: names of texts that are in the store already. */
export type DecisionContent = Pick<DecisionRequest, 'output' | 'guidance' | 'note'>;

export interface Deciding {
  readonly caller: Caller;
  readonly row: TaskRow;
  readonly body: DecisionBody;
}

/** Throws `input_invalid`, `output_invalid` or `guidance_required` where the body can't be a decision, whatever the review's state. */
export function requireDecidable({ taskTypes }: ApiDependencies, { row, body }: Pick<Deciding, 'row' | 'body'>): void {
  const { action, output, guidance, items } = body;
  if (action === 'revise' && (guidance === undefined || guidance.trim() === ''))
    throw new ProblemError('guidance_required');
  const errors = misplacedIn(body);
  if (errors.length > 0) throw new ProblemError('input_invalid', { errors });
  if (action === 'correct' && items === undefined) parseOutput(taskTypes.get(row.type), output);
}

/** What a decision says that does not go with its action. */
function misplacedIn({ action, output, guidance, correctionKind, items }: DecisionBody): FieldError[] {
  const misplaced = [
    ...(action !== 'correct' && output !== undefined ? ['/output'] : []),
    ...(action !== 'correct' && correctionKind !== undefined ? ['/correctionKind'] : []),
    ...(action !== 'revise' && guidance !== undefined ? ['/guidance'] : []),
    ...(action === 'revise' && items !== undefined ? ['/items'] : []),
  ];
  if (items !== undefined && output !== undefined) return [{ path: '/output', message: 'does not go with items' }];
  return misplaced.map((path) => ({ path, message: `does not go with the action ${action}` }));
}

/** Keeps the texts of a decision before it is made, so that the workflow is only given their names. */
export async function keepContent(dependencies: ApiDependencies, deciding: Deciding): Promise<DecisionContent> {
  const { store, keyring } = dependencies;
  const { caller, row, body } = deciding;
  const byItems = await decidedByItems(dependencies, deciding);
  const corrected = body.action === 'correct' ? await correctedDraft(dependencies, deciding, byItems) : null;
  const guidance = named(dependencies, 'guidance', { caller, text: body.guidance });
  const note = named(dependencies, 'note', { caller, text: body.note });
  const texts = Object.fromEntries(
    [corrected, guidance, note].flatMap((each) => (each === null ? [] : [[each.name, each.text]])),
  );
  if (Object.keys(texts).length > 0) {
    await store.inTenant(caller.tenant, (tx) =>
      putTexts(tx, keyring, { taskId: row.id, texts, at: nowOf(dependencies) }),
    );
  }
  return {
    output: corrected && {
      text: corrected.name,
      digest: corrected.digest,
      ...(corrected.needed && { needed: corrected.needed }),
    },
    guidance: guidance?.name ?? null,
    note: note?.name ?? null,
  };
}

function named(
  dependencies: ApiDependencies,
  kind: SaidKind,
  { caller, text }: { caller: Caller; text: string | undefined },
): { name: string; text: string } | null {
  return text === undefined ? null : { name: nameOfSaid(dependencies, kind, { tenant: caller.tenant, text }), text };
}

/** What the draft becomes item by item; null where it is decided as a whole. Throws what is wrong with the items. */
export async function decidedByItems(
  { store, keyring, taskTypes }: ApiDependencies,
  { caller, row, body }: Deciding,
): Promise<unknown> {
  const { items, action, digest } = body;
  const taskType = taskTypes.get(row.type);
  if (items === undefined || taskType === undefined) return null;
  const name = draftTextOf(digest);
  const texts = await store.inTenant(caller.tenant, (tx) => getTexts(tx, keyring, { taskId: row.id, names: [name] }));
  const text = texts[name];
  // Whatever the digest stands for, it is no draft of this task.
  if (text === undefined) throw new ProblemError('stale_digest');
  return outputByItems(taskType, { action, items }, JSON.parse(text) as DraftContent);
}

async function correctedDraft(dependencies: ApiDependencies, { caller, row, body }: Deciding, byItems: unknown) {
  const taskType = dependencies.taskTypes.get(row.type);
  const output = byItems ?? parseOutput(taskType, body.output);
  const { effects, needed } = await askedFor(dependencies, { caller, row, output });
  const content: DraftContent = { output: output as JsonValue, effects };
  const digest = draftDigest(content, row.policyVersion);
  return { name: draftTextOf(digest), digest, text: canonicalJson(content), needed };
}

/** Throws `output_invalid`. */
export function parseOutput(taskType: ResolvedTask | undefined, output: unknown): unknown {
  if (taskType === undefined) throw new ProblemError('task_type_unknown');
  const checked = taskType.output.safeParse(output);
  if (!checked.success) throw new ProblemError('output_invalid', { errors: fieldErrorsOf(checked.error, '/output') });
  return checked.data;
}

/** The effects and the people that the corrected output asks for: not those of the draft that it replaces. */
async function askedFor(
  { store, keyring, taskTypes }: ApiDependencies,
  { caller, row, output }: { caller: Caller; row: TaskRow; output: unknown },
): Promise<{ readonly effects: DraftContent['effects']; readonly needed: ApprovalsNeeded | null }> {
  const taskType = taskTypes.get(row.type);
  if (taskType === undefined) throw new ProblemError('task_type_unknown');
  const texts = await store.inTenant(caller.tenant, (tx) =>
    getTexts(tx, keyring, { taskId: row.id, names: [INPUT_TEXT] }),
  );
  const text = texts[INPUT_TEXT];
  if (text === undefined) throw new Error(`the input of task ${row.id} is not in the store`);
  const input: unknown = taskType.input.parse((JSON.parse(text) as Submission).input);
  const facts = { input, output };
  return { effects: requestedEffects(taskType, facts), needed: neededApprovals(taskType, facts) };
}
