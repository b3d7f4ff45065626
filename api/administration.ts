import { deleteApiKey, getWebhookSecret, listApiKeys, postApiKey } from '../contracts/http/apiKeys';
import { createApiKey, listApiKeys as listKeys, revokeApiKey } from '../store/apiKeys';
import type { ApiKeyRow } from '../store/apiKeys';
import { webhookSecret } from '../store/webhooks';
import { authorize } from './authorize';
import type { ApiDependencies } from './dependencies';
import { nowOf } from './dependencies';
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

async function make({ store, clock }: ApiDependencies, { caller, body }: Call<typeof postApiKey>) {
  // Nobody hands on what they don't hold.
  for (const scope of body.scopes) authorize(caller, scope);
  const now = clock();
  const expiresAt =
    body.expiresInDays === undefined ? null : new Date(now.getTime() + body.expiresInDays * DAY_MS).toISOString();
  const request = { name: body.name, scopes: [...new Set(body.scopes)], at: now.toISOString(), expiresAt };
  const made = await store.inTenant(caller.tenant, (tx) => createApiKey(tx, request));
  return { status: 201 as const, body: { ...shownKey(made.key), key: made.secret } };
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

function shownKey({ id, name, prefix, scopes, createdAt, expiresAt, revokedAt, lastUsedAt }: ApiKeyRow) {
  return { id, name, prefix, scopes, createdAt, expiresAt, revokedAt, lastUsedAt };
}
