import type { NewTask } from '../adapter';

/** The task types that stand for what a case asks for. */
export type Variant =
  | 'conformance'
  | 'conformance-alone'
  | 'conformance-batch'
  | 'conformance-two-approvals'
  | 'conformance-role'
  | 'conformance-undo'
  | 'conformance-widened'
  | 'conformance-reminded'
  | 'conformance-fallback'
  | 'conformance-budget';

const SOON_SECONDS = 10;

export function variantFor(task: NewTask): Variant {
  if (task.items !== undefined) return 'conformance-batch';
  if (task.isGated === true) return 'conformance-alone';
  if (task.needs === 'two approvals') return 'conformance-two-approvals';
  if (task.needs === 'role') return 'conformance-role';
  if (task.isUndoable === true) return 'conformance-undo';
  if (task.reassignAfterSeconds !== undefined) return 'conformance-widened';
  if ((task.fallbackAfterSeconds ?? SOON_SECONDS) < SOON_SECONDS) return 'conformance-fallback';
  return task.remindAfterSeconds === undefined ? 'conformance' : 'conformance-reminded';
}
