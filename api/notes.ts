import { randomUUID } from 'node:crypto';
import { addNote } from '../contracts/http/notes';
import { appendAudit } from '../store/audit';
import { readActorNames } from './actorNames';
import type { ApiDependencies } from './dependencies';
import { nowOf } from './dependencies';
import { requireReviewed } from './reviewReading';
import { mount } from './route';
import type { Call, Door } from './route';
import { keepSaid } from './said';

/** The kind of the audit entry that a note is found by. */
export const NOTED = 'noted';

export function mountNotes(door: Door, dependencies: ApiDependencies): void {
  mount(door, addNote, (call) => add(dependencies, call));
}

/** A note is a text and an entry of the audit trail: who wrote it when. It asks nothing of the workflow. */
async function add(dependencies: ApiDependencies, { caller, params, body }: Call<typeof addNote>) {
  const { tenant, actor } = caller;
  const { text } = body;
  const row = await requireReviewed(dependencies, tenant, params.reviewId);
  const note = await keepSaid(dependencies, 'note', { tenant, taskId: row.id, text });
  const at = nowOf(dependencies);
  const event = { key: `${NOTED}/${randomUUID()}`, at, kind: NOTED, actor: actor.id, facts: { note } };
  const byName = await dependencies.store.inTenant(tenant, async (tx) => {
    await appendAudit(tx, { taskId: row.id, events: [event] });
    return (await readActorNames(tx, [actor.id]))(actor.id);
  });
  return { status: 201 as const, body: { by: actor.id, byName, at, text } };
}
