import {
  deleteMember,
  getMember,
  listMembers,
  patchMember,
  postMember,
  postSignInLink,
} from '../contracts/http/members';
import {
  type AddressedMember,
  AddressTakenError,
  changeMember,
  createMember,
  deactivateMember,
  listMembers as listRows,
  readMember,
} from '../store/members';
import { authorize } from './authorize';
import type { Caller } from './caller';
import type { ApiDependencies } from './dependencies';
import { nowOf } from './dependencies';
import { ProblemError } from './problems';
import { mount } from './route';
import type { Call, Door } from './route';
import { createSignInLink } from './signIn';

export function mountMembers(door: Door, dependencies: ApiDependencies): void {
  mount(door, postMember, (call) => make(dependencies, call));
  mount(door, listMembers, (call) => list(dependencies, call));
  mount(door, getMember, (call) => get(dependencies, call));
  mount(door, patchMember, (call) => change(dependencies, call));
  mount(door, deleteMember, (call) => deactivate(dependencies, call));
  mount(door, postSignInLink, (call) => link(dependencies, call));
}

async function make(dependencies: ApiDependencies, { caller, body }: Call<typeof postMember>) {
  const { store, keyring } = dependencies;
  const { email, slackUserId, name, roles, queues, locale } = body;
  const details = { name, roles: [...new Set(roles)], queues, locale, addresses: { email, slackUserId } };
  const made = await refusingTaken(
    store.inTenant(caller.tenant, (tx) => createMember(tx, keyring, { details, at: nowOf(dependencies) })),
  );
  return { status: 201 as const, body: shownMember(caller, made) };
}

async function list({ store, keyring }: ApiDependencies, { caller, query }: Call<typeof listMembers>) {
  requireColleague(caller);
  const page = await store.inTenant(caller.tenant, (tx) => listRows(tx, keyring, query));
  const items = page.items.map((each) => shownMember(caller, each));
  return { status: 200 as const, body: { items, nextCursor: page.nextCursor } };
}

async function get(dependencies: ApiDependencies, { caller, params }: Call<typeof getMember>) {
  requireColleague(caller);
  return { status: 200 as const, body: shownMember(caller, await requireMember(dependencies, caller, params)) };
}

async function change(dependencies: ApiDependencies, { caller, params, body }: Call<typeof patchMember>) {
  const { store, keyring } = dependencies;
  const { email, slackUserId, name, roles, queues, locale } = body;
  const changes = {
    ...(name !== undefined && { name }),
    ...(roles && { roles: [...new Set(roles)] }),
    ...(queues && { queues }),
    ...(locale !== undefined && { locale }),
    addresses: { ...(email !== undefined && { email }), ...(slackUserId !== undefined && { slackUserId }) },
  };
  const changed = await refusingTaken(
    store.inTenant(caller.tenant, (tx) => changeMember(tx, keyring, { id: params.memberId, changes })),
  );
  if (changed === null) throw new ProblemError('member_unknown');
  return { status: 200 as const, body: shownMember(caller, changed) };
}

async function deactivate(dependencies: ApiDependencies, { caller, params }: Call<typeof deleteMember>) {
  const request = { id: params.memberId, at: nowOf(dependencies) };
  const isKnown = await dependencies.store.inTenant(caller.tenant, (tx) => deactivateMember(tx, request));
  if (!isKnown) throw new ProblemError('member_unknown');
  return { status: 204 as const };
}

async function link(dependencies: ApiDependencies, { caller, params }: Call<typeof postSignInLink>) {
  const member = await requireMember(dependencies, caller, params);
  if (member.deactivatedAt !== null) throw new ProblemError('member_unknown');
  const made = await createSignInLink(dependencies, { tenant: caller.tenant, memberId: member.id });
  return { status: 201 as const, body: made };
}

export async function requireMember(
  { store, keyring }: ApiDependencies,
  { tenant }: Caller,
  { memberId }: { readonly memberId: string },
): Promise<AddressedMember> {
  const found = await store.inTenant(tenant, (tx) => readMember(tx, keyring, memberId));
  if (found === null) throw new ProblemError('member_unknown');
  return found;
}

/** Whoever works with reviews sees who else does. */
function requireColleague(caller: Caller): void {
  if (!caller.actor.scopes.includes('admin')) authorize(caller, 'reviews:read');
}

async function refusingTaken<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof AddressTakenError)) throw error;
    const message = 'is that of another member';
    throw new ProblemError('input_invalid', { errors: [{ path: `/${error.address}`, message }] });
  }
}

function shownMember({ actor }: Caller, { addresses, ...member }: AddressedMember) {
  const { id, name, roles, queues, locale, createdAt, deactivatedAt } = member;
  const shown = actor.scopes.includes('admin') ? addresses : { email: null, slackUserId: null };
  return { id, name, ...shown, roles, queues, locale, createdAt, deactivatedAt };
}
