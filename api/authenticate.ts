import type { Request } from 'express';
import { sha256Hex } from '../contracts/digest';
import { authenticateApiKey } from '../store/apiKeys';
import { readSession } from '../store/sessions';
import type { Caller } from './caller';
import { requireSameOrigin } from './csrf';
import type { ApiDependencies } from './dependencies';
import { nowOf } from './dependencies';
import { ProblemError } from './problems';

export const SESSION_COOKIE = 'countersign_session';

/** How long who was found stays known here: the longest time that a revoked key, or what a member no longer may, still works. */
const CACHE_SECONDS = 5;
const MAX_CACHED = 10_000;

export type Authenticate = (request: Request) => Promise<Caller>;

/** Makes the function that tells who makes a request, by API key or session cookie. It throws `unauthenticated` or `csrf_refused`. */
export function createAuthenticate(dependencies: ApiDependencies): Authenticate {
  const cached = createCache(dependencies);
  return async (request) => {
    const caller = await callerOf(request, dependencies, cached);
    if (caller === null) throw new ProblemError('unauthenticated');
    if (caller.via === 'session') requireSameOrigin(request, dependencies.config.http.publicUrl);
    return caller;
  };
}

async function callerOf(request: Request, dependencies: ApiDependencies, cached: Cached): Promise<Caller | null> {
  const presented = bearerOf(request);
  if (presented !== null) return cached(presented, () => callerOfKey(dependencies, presented));
  const cookie = cookieOf(request, SESSION_COOKIE);
  return cookie === null ? null : cached(cookie, () => callerOfSession(dependencies, cookie));
}

function bearerOf(request: Request): string | null {
  const header = request.get('Authorization');
  if (header === undefined) return null;
  // A header of another scheme is a failed attempt, not an absent one: it must not fall back to a cookie.
  return /^Bearer +([\x21-\x7e]{1,200})$/i.exec(header)?.[1] ?? '';
}

export function cookieOf(request: Request, name: string): string | null {
  const pairs = (request.get('Cookie') ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? null;
}

async function callerOfKey({ store, clock }: ApiDependencies, presented: string): Promise<Caller | null> {
  const key = await store.asSystem((tx) => authenticateApiKey(tx, { presented, at: nowOf({ clock }) }));
  return key && { tenant: key.tenant, actor: { id: key.actorId, scopes: key.scopes }, via: 'api_key', keyId: key.id };
}

async function callerOfSession({ store, clock }: ApiDependencies, cookie: string): Promise<Caller | null> {
  const session = await store.asSystem((tx) => readSession(tx, { cookie, at: nowOf({ clock }) }));
  return session && { tenant: session.tenant, actor: { id: session.actorId, scopes: session.scopes }, via: 'session' };
}

type Cached = (secret: string, find: () => Promise<Caller | null>) => Promise<Caller | null>;

/** Remembers who was found, under the secret's hash, and one look-up for all who ask at once. Who was not found is not remembered. */
function createCache({ clock }: ApiDependencies): Cached {
  const entries = new Map<string, { readonly until: number; readonly caller: Promise<Caller | null> }>();
  return (secret, find) => {
    const key = sha256Hex(secret);
    const now = clock().getTime();
    const entry = entries.get(key);
    if (entry !== undefined && entry.until > now) return entry.caller;
    if (entries.size >= MAX_CACHED) entries.clear();
    const caller = find();
    entries.set(key, { until: now + CACHE_SECONDS * 1000, caller });
    const forget = () => entries.delete(key);
    caller.then((found) => found ?? forget(), forget);
    return caller;
  };
}
