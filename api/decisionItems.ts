import type { DraftContent, JsonValue } from '../contracts/digest';
import type { FieldError } from '../contracts/http/problem';
import type { DecisionBody } from '../contracts/http/decisions';
import type { DraftItems } from '../tasks/define';
import type { ResolvedTask } from '../tasks/resolve';
import { ProblemError, fieldErrorsOf } from './problems';

type Items = NonNullable<DecisionBody['items']>;

/**
 * What a decision item by item makes of a draft's output: declined items are gone, corrected ones replaced. Null where every item is
 * decided as the whole is, so that the draft stays what it is. Throws `input_invalid` or `output_invalid`.
 */
export function outputByItems(
  taskType: ResolvedTask,
  { action, items }: { readonly action: DecisionBody['action']; readonly items: Items },
  draft: DraftContent,
): unknown {
  if (taskType.items === undefined) throw invalid([{ path: '/items', message: 'this task type has no items' }]);
  const output = taskType.output.parse(draft.output);
  const given = taskType.items.of(output);
  requireEachOnce(items, given.length);
  requireAgreement(action, items);
  if (action !== 'correct') return null;
  const kept = given.flatMap((item, index) =>
    keptOf(
      item,
      items.find((each) => each.index === index),
    ),
  );
  const made = taskType.output.safeParse(put(taskType.items, output, kept));
  if (!made.success) throw new ProblemError('output_invalid', { errors: fieldErrorsOf(made.error, '/items') });
  return made.data;
}

/** A corrected item is anything that somebody sent: what the task type can not put in its place is no output. */
function put(items: DraftItems<unknown>, output: unknown, kept: readonly JsonValue[]): unknown {
  try {
    return items.withItems(output, kept);
  } catch {
    const errors = [{ path: '/items', message: 'has an item that the draft can not be made of' }];
    throw new ProblemError('output_invalid', { errors });
  }
}

function keptOf(item: JsonValue, decided: Items[number] | undefined): JsonValue[] {
  if (decided?.action === 'decline') return [];
  return [decided?.action === 'correct' ? (decided.output as JsonValue) : item];
}

function requireEachOnce(items: Items, count: number): void {
  const indexes = new Set(items.map(({ index }) => index));
  const isWhole = items.length === count && indexes.size === count && [...indexes].every((index) => index < count);
  if (!isWhole) throw invalid([{ path: '/items', message: `must decide each of the ${count} items once` }]);
  const errors = items.flatMap(({ action, output }, place) =>
    (action === 'correct') === (output !== undefined)
      ? []
      : [{ path: `/items/${place}/output`, message: 'goes with the action correct, and with no other' }],
  );
  if (errors.length > 0) throw invalid(errors);
}

/** What the whole says must be what the items say, so that nobody approves by a slip what they meant to decline. */
function requireAgreement(action: DecisionBody['action'], items: Items): void {
  const actions = new Set(items.map((each) => each.action));
  const all = actions.size === 1 ? [...actions][0] : 'correct';
  if (all === action) return;
  throw invalid([{ path: '/action', message: `must be ${String(all)}, which is what the items together say` }]);
}

function invalid(errors: FieldError[]): ProblemError {
  return new ProblemError('input_invalid', { errors });
}
