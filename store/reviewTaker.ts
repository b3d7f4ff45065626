import { type RawBuilder, sql, type SqlBool } from 'kysely';
import type { DecidingRole } from '../contracts/words/roles';
import { statusConditions } from './reviewFilter';
import type { TenantTx } from './store';

/** Who looks for something to decide on. */
export interface Taker {
  readonly actor: string;
  readonly roles: readonly DecidingRole[];
}

/** On a row of `reviews`: nobody holds it, and it asks for no role that the taker lacks. One of earlier versions does not say. */
export function takeableConditions({ roles }: Taker, now: string): RawBuilder<SqlBool>[] {
  return [...statusConditions(['open'], now), sql<SqlBool>`(roles = '{}' or roles && ${roles}::text[])`];
}

/**
 * On a row of `reviews`: the taker neither posted its task nor approved the draft that is open. A look at each row's task, so for those
 * rows only that nothing else rules out; no join, which the planner would make of all tasks.
 */
export function strangerCondition(tx: TenantTx, { actor }: Taker): RawBuilder<SqlBool> {
  const theirs = JSON.stringify([{ by: actor }]);
  return sql<SqlBool>`(
    select t.submitter <> ${actor} and (reviews.approvals_given = 0
      or not coalesce(t.state #> '{review,rounds,-1,approvals}' @> ${theirs}::jsonb, false))
    from tasks t where t.tenant = ${tx.tenant} and t.id = reviews.task_id)`;
}
