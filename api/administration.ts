import { deleteApiKey, getWebhookSecret, listApiKeys, postApiKey } from '../contracts/http/apiKeys';
import { scopesOfRoles } from '../contracts/words/roles';
import type { Scope } from '../contracts/words/vocabulary';
import { createApiKey, listApiKeys as listKeys, revokeApiKey } from '../store/apiKeys';
import type { ApiKeyRow } from '../store/apiKeys';
import { webhookSecret } from '../store/webhooks';
import { authorize } from './authorize';
import type { Caller } from './caller';
import type { ApiDependencies } from './dependencies';
import { nowOf } from './dependencies';
import { requireMember } from './members';
import { ProblemError } from './problems';
import { mount } from './route';
import type { Call, Door } from './route';

const DAY_MS = 24 * 60 * 60 * 1000;

export function mountAdministration(door: Door, dependencies: ApiDependencies): void {
  mount(door, postApiKey, (call) => make(dependencies, call));
  mount(door, listApiKeys, (call) => list(dependencies, call));
  mount(door, deleteApiKey, (call) => revoke(dependencies, call));
  mount(door, getWebhookSecret, (call) => secret(dependencies, call));
}

async function make(dependencies: ApiDependencies, { caller, body }: Call<typeof postApiKey>) {
  const { store, clock } = dependencies;
  const { name, memberId } = body;
  const scopes = await scopesOf(dependencies, caller, body);
  const now = clock();
  const expiresAt =
    body.expiresInDays === undefined ? null : new Date(now.getTime() + body.expiresInDays * DAY_MS).toISOString();
  const request = { name, scopes, at: now.toISOString(), expiresAt, ...(memberId !== undefined && { memberId }) };
  const made = await store.inTenant(caller.tenant, (tx) => createApiKey(tx, request));
  return { status: 201 as const, body: { ...shownKey(made.key), key: made.secret } };
}

async function scopesOf(
  dependencies: ApiDependencies,
  caller: Caller,
  { scopes, memberId }: Call<typeof postApiKey>['body'],
): Promise<readonly Scope[]> {
  if (memberId === undefined) {
    if (scopes === undefined) throw scopesRefused('are needed for a key without a member');
    // Nobody hands on what they don't hold.
    for (const scope of scopes) authorize(caller, scope);
    return [...new Set(scopes)];
  }
  const { roles, deactivatedAt } = await requireMember(dependencies, caller, { memberId });
  if (deactivatedAt !== null) throw new ProblemError('member_unknown');
  const given = scopesOfRoles(roles);
  if (scopes?.some((scope) => !given.includes(scope))) throw scopesRefused("are more than the member's roles give");
  return [...new Set(scopes ?? given)];
}

function scopesRefused(message: string): ProblemError {
  return new ProblemError('input_invalid', { errors: [{ path: '/scopes', message }] });
}

async function list({ store }: ApiDependencies, { caller, query }: Call<typeof listApiKeys>) {
  const page = await store.inTenant(caller.tenant, (tx) => listKeys(tx, query));
  return { status: 200 as const, body: { items: page.items.map(shownKey), nextCursor: page.nextCursor } };
}

async function revoke(dependencies: ApiDependencies, { caller, params }: Call<typeof deleteApiKey>) {
  const request = { id: params.apiKeyId, at: nowOf(dependencies) };
  const isKnown = await dependencies.store.inTenant(caller.tenant, (tx) => revokeApiKey(tx, request));
  if (!isKnown) throw new ProblemError('api_key_unknown');
  return { status: 204 as const };
}

async function secret(dependencies: ApiDependencies, { caller }: Call<typeof getWebhookSecret>) {
  const { store, keyring } = dependencies;
  const bytes = await store.inTenant(caller.tenant, (tx) => webhookSecret(tx, keyring, nowOf(dependencies)));
  return { status: 200 as const, body: { secret: `whsec_${Buffer.from(bytes).toString('base64')}` } };
}

function shownKey({ tenant: _, ...key }: ApiKeyRow) {
  return key;
}
