import { canonicalJson, draftDigest, sha256Hex } from '../contracts/digest';
import type { DraftContent, JsonValue } from '../contracts/digest';
import type { DecisionBody } from '../contracts/http/decisions';
import type { Submission } from '../contracts/submission';
import { INPUT_TEXT, draftTextOf, noteTextOf } from '../contracts/words/names';
import type { DecisionRequest } from '../contracts/words/review';
import { getTexts, putTexts } from '../store/texts';
import type { TaskRow } from '../store/taskRow';
import { requestedEffects } from '../tasks/requestedEffects';
import type { ResolvedTask } from '../tasks/resolve';
import type { Caller } from './caller';
import type { ApiDependencies } from './dependencies';
import { nowOf } from './dependencies';
import { ProblemError, fieldErrorsOf } from './problems';

/** What a decision carries besides words: names of texts that are in the store already. */
export type DecisionContent = Pick<DecisionRequest, 'output' | 'guidance' | 'note'>;

export interface Deciding {
  readonly caller: Caller;
  readonly row: TaskRow;
  readonly body: DecisionBody;
}

/** Throws `input_invalid`, `output_invalid` or `guidance_required` where the body can't be a decision, whatever the review's state. */
export function requireDecidable({ taskTypes }: ApiDependencies, { row, body }: Pick<Deciding, 'row' | 'body'>): void {
  const { action, output, guidance, correctionKind } = body;
  if (action === 'revise' && (guidance === undefined || guidance.trim() === ''))
    throw new ProblemError('guidance_required');
  const misplaced = [
    ...(action !== 'correct' && output !== undefined ? ['/output'] : []),
    ...(action !== 'correct' && correctionKind !== undefined ? ['/correctionKind'] : []),
    ...(action !== 'revise' && guidance !== undefined ? ['/guidance'] : []),
  ];
  if (misplaced.length > 0) {
    const errors = misplaced.map((path) => ({ path, message: `does not go with the action ${action}` }));
    throw new ProblemError('input_invalid', { errors });
  }
  if (action === 'correct') parseOutput(taskTypes.get(row.type), output);
}

/** Keeps the texts of a decision before it is made, so that the workflow is only given their names. */
export async function keepContent(dependencies: ApiDependencies, deciding: Deciding): Promise<DecisionContent> {
  const { store, keyring } = dependencies;
  const { caller, row, body } = deciding;
  const corrected = body.action === 'correct' ? await correctedDraft(dependencies, deciding) : null;
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
    output: corrected && { text: corrected.name, digest: corrected.digest },
    guidance: guidance?.name ?? null,
    note: note?.name ?? null,
  };
}

/** The digest is keyed: that of a short text could be guessed, and the name goes into a history. */
function named(
  { keyring }: ApiDependencies,
  kind: 'guidance' | 'note',
  { caller, text }: { caller: Caller; text: string | undefined },
): { name: string; text: string } | null {
  if (text === undefined) return null;
  return { name: noteTextOf(kind, sha256Hex(keyring.blindIndex(caller.tenant, kind, text))), text };
}

async function correctedDraft(dependencies: ApiDependencies, { caller, row, body }: Deciding) {
  const taskType = dependencies.taskTypes.get(row.type);
  const output = parseOutput(taskType, body.output);
  const content: DraftContent = {
    output: output as JsonValue,
    effects: await effectsOf(dependencies, { caller, row, output }),
  };
  const digest = draftDigest(content, row.policyVersion);
  return { name: draftTextOf(digest), digest, text: canonicalJson(content) };
}

function parseOutput(taskType: ResolvedTask | undefined, output: unknown): unknown {
  if (taskType === undefined) throw new ProblemError('task_type_unknown');
  const checked = taskType.output.safeParse(output);
  if (!checked.success) throw new ProblemError('output_invalid', { errors: fieldErrorsOf(checked.error, '/output') });
  return checked.data;
}

/** The effects that the corrected output asks for: not those of the draft that it replaces. */
async function effectsOf(
  { store, keyring, taskTypes }: ApiDependencies,
  { caller, row, output }: { caller: Caller; row: TaskRow; output: unknown },
): Promise<DraftContent['effects']> {
  const taskType = taskTypes.get(row.type);
  if (taskType === undefined || taskType.effects.length === 0) return [];
  const texts = await store.inTenant(caller.tenant, (tx) =>
    getTexts(tx, keyring, { taskId: row.id, names: [INPUT_TEXT] }),
  );
  const text = texts[INPUT_TEXT];
  if (text === undefined) throw new Error(`the input of task ${row.id} is not in the store`);
  const input: unknown = taskType.input.parse((JSON.parse(text) as Submission).input);
  return requestedEffects(taskType, { input, output });
}
