import type { Access } from '../contracts/http/operation';
import type { Caller } from './caller';
import { ProblemError } from './problems';

/**
 * The one function that says whether a caller may do something. Each operation names its access in contracts/http; what
 * depends on a parameter, such as revealing personal data, asks here too.
 */
export function authorize(caller: Caller, access: Access): void {
  if (access === 'public' || access === 'authenticated') return;
  if (!caller.actor.scopes.includes(access)) throw new ProblemError('scope_required', { members: { scope: access } });
}
