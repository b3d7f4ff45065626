import { randomUUID } from 'node:crypto';
import { canonicalJson, sha256Hex } from '../contracts/digest';
import type { JsonValue } from '../contracts/digest';
import { deleteGoldItem, listGoldItems, postGoldItem } from '../contracts/http/reviewers';
import { FALLBACK_TEXT } from '../contracts/words/names';
import type { Round, TextName } from '../contracts/words/task';
import { appendAudit } from '../store/audit';
import { type GoldCase, keepGoldCase, listGoldCases, withdrawGoldCase } from '../store/goldCases';
import type { TenantTx } from '../store/store';
import type { TaskRow } from '../store/taskRow';
import { putTexts } from '../store/texts';
import { parseOutput } from './decisionContent';
import type { ApiDependencies } from './dependencies';
import { nowOf } from './dependencies';
import { ProblemError } from './problems';
import { mount } from './route';
import type { Call, Door } from './route';
import { requireTask } from './taskReading';

type Making = Call<typeof postGoldItem>;

export function mountGoldItems(door: Door, dependencies: ApiDependencies): void {
  mount(door, postGoldItem, (call) => make(dependencies, call));
  mount(door, listGoldItems, (call) => list(dependencies, call));
  mount(door, deleteGoldItem, (call) => withdraw(dependencies, call));
}

async function make(dependencies: ApiDependencies, call: Making) {
  const { store, taskTypes } = dependencies;
  const { caller, body } = call;
  const source = await requireTask(dependencies, caller.tenant, body.taskId);
  requireDecided(source);
  if (body.output !== undefined && body.draft === 'right')
    throw refused('/output', 'goes with a wrong draft only: the right one is what was delivered');
  const output = body.output === undefined ? null : parseOutput(taskTypes.get(source.type), body.output);
  const made = await store.inTenant(caller.tenant, (tx) => keep(dependencies, tx, { call, source, output }));
  return { status: 201 as const, body: shownGoldItem(made) };
}

interface Kept {
  readonly call: Making;
  readonly source: TaskRow;
  /** Given, and valid; null: that of the task. */
  readonly output: unknown;
}

async function keep(dependencies: ApiDependencies, tx: TenantTx, { call, source, output }: Kept): Promise<GoldCase> {
  const { actor } = call.caller;
  const { draft } = call.body;
  const at = nowOf(dependencies);
  const contentText =
    output === null ? knownDraft(source, draft) : await keepOutput(dependencies, tx, { source, output, at });
  const id = `gold_${randomUUID().replaceAll('-', '')}`;
  const fresh = { id, type: source.type, sourceTaskId: source.id, draft, contentText };
  const kept = await keepGoldCase(tx, { ...fresh, createdBy: actor.id, createdAt: at });
  if (kept.draft !== draft) throw refused('/draft', `there is a gold item that says the opposite: ${kept.id}`);
  const event = {
    key: `gold_made/${kept.id}`,
    at,
    kind: 'gold_made',
    actor: actor.id,
    facts: { gold: kept.id, draft },
  };
  await appendAudit(tx, { taskId: source.id, events: [event] });
  return kept;
}

/** An output that nobody delivered, kept with the texts of the task whose answer it would be. */
async function keepOutput(
  { keyring }: ApiDependencies,
  tx: TenantTx,
  { source, output, at }: { readonly source: TaskRow; readonly output: unknown; readonly at: string },
): Promise<TextName> {
  const text = canonicalJson({ output: output as JsonValue, effects: [] });
  const name = `gold/${sha256Hex(text).slice(0, 24)}`;
  await putTexts(tx, keyring, { taskId: source.id, texts: { [name]: text }, at });
  return name;
}

/** Throws `input_invalid` for a task that can't be put to review again as it was. */
function requireDecided({ state, isGold }: TaskRow): void {
  const [first] = state?.review?.rounds ?? [];
  if (isGold) throw refused('/taskId', 'is a gold item itself');
  if (!first?.decision || state?.status !== 'completed') throw refused('/taskId', 'was not decided by people');
  if ((state.answers ?? []).length > 0) throw refused('/taskId', 'depends on answers of the caller');
  if (contextsOf(first, state).some(({ status }) => status !== 'ok'))
    throw refused('/taskId', 'was decided without all of its context');
}

function contextsOf(round: Round, state: NonNullable<TaskRow['state']>) {
  return round.contexts ?? state.contexts;
}

/** Names the draft that people found to be right, or wrong. */
function knownDraft(source: TaskRow, draft: GoldCase['draft']): TextName {
  return draft === 'right' ? deliveredDraft(source) : firstWrongDraft(source);
}

function deliveredDraft({ state, outcome }: TaskRow): TextName {
  const delivered = outcome === 'approved' || outcome === 'corrected' ? state?.output : null;
  if (!delivered || delivered === FALLBACK_TEXT) throw refused('/taskId', 'delivered nothing that people approved');
  return delivered;
}

function firstWrongDraft({ state }: TaskRow): TextName {
  const [first] = state?.review?.rounds ?? [];
  const { action, correctionKind } = first?.decision ?? {};
  const isWrong = action === 'decline' || action === 'revise' || (action === 'correct' && correctionKind !== 'style');
  if (!first?.draft || !isWrong)
    throw refused('/taskId', 'has no first draft that people found wrong; give a wrong output');
  return first.draft.text;
}

function refused(path: string, message: string): ProblemError {
  return new ProblemError('input_invalid', { errors: [{ path, message }] });
}

async function list({ store }: ApiDependencies, { caller, query }: Call<typeof listGoldItems>) {
  const page = await store.inTenant(caller.tenant, (tx) => listGoldCases(tx, query));
  return { status: 200 as const, body: { items: page.items.map(shownGoldItem), nextCursor: page.nextCursor } };
}

async function withdraw(dependencies: ApiDependencies, { caller, params }: Call<typeof deleteGoldItem>) {
  const { goldItemId: id } = params;
  const at = nowOf(dependencies);
  await dependencies.store.inTenant(caller.tenant, async (tx) => {
    const taskId = await withdrawGoldCase(tx, { id, at });
    if (taskId === null) throw new ProblemError('gold_item_unknown');
    const event = {
      key: `gold_withdrawn/${id}`,
      at,
      kind: 'gold_withdrawn',
      actor: caller.actor.id,
      facts: { gold: id },
    };
    await appendAudit(tx, { taskId, events: [event] });
  });
  return { status: 204 as const };
}

function shownGoldItem({ id, sourceTaskId, type, draft, createdBy, createdAt }: GoldCase) {
  return { id, taskId: sourceTaskId, type, draft, createdBy, createdAt };
}
