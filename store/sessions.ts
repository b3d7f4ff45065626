import { randomBytes } from 'node:crypto';
import { sha256Hex } from '../contracts/digest';
import type { Scope } from '../contracts/words/vocabulary';
import type { SystemTx, TenantTx } from './store';

export interface Session {
  readonly tenant: string;
  /** The opaque id of the person: the actor of what the session does. */
  readonly actorId: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt: string;
}

const SESSION_COLUMNS = ['tenant', 'actorId', 'scopes', 'expiresAt'] as const satisfies readonly (keyof Session)[];

function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** Makes a token that opens one session, once. Only its hash is stored. */
export async function createSignInToken(
  tx: TenantTx,
  request: {
    readonly actorId: string;
    readonly scopes: readonly Scope[];
    readonly at: string;
    readonly expiresAt: string;
  },
): Promise<{ readonly token: string }> {
  const token = newSecret();
  const { actorId, scopes, at, expiresAt } = request;
  await tx.db
    .insertInto('signInTokens')
    .values({
      hash: sha256Hex(token),
      tenant: tx.tenant,
      actorId,
      scopes: [...scopes],
      createdAt: at,
      expiresAt,
    })
    .execute();
  return { token };
}

/** Spends the token and opens a session; `cookie` is its secret. Null where the token is unknown, spent or expired. */
export async function redeemSignInToken(
  tx: SystemTx,
  request: { readonly token: string; readonly at: string; readonly sessionExpiresAt: string },
): Promise<{ readonly cookie: string; readonly session: Session } | null> {
  const spent = await tx.db
    .deleteFrom('signInTokens')
    .where('hash', '=', sha256Hex(request.token))
    .returning(['tenant', 'actorId', 'scopes', 'expiresAt'])
    .executeTakeFirst();
  if (spent === undefined || spent.expiresAt <= request.at) return null;
  const cookie = newSecret();
  const { tenant, actorId, scopes } = spent;
  const session = await tx.db
    .insertInto('sessions')
    .values({
      hash: sha256Hex(cookie),
      tenant,
      actorId,
      scopes,
      createdAt: request.at,
      expiresAt: request.sessionExpiresAt,
    })
    .returning(SESSION_COLUMNS)
    .executeTakeFirstOrThrow();
  return { cookie, session };
}

/** Null where the session is unknown, ended or expired. */
export async function readSession(
  tx: SystemTx,
  request: { readonly cookie: string; readonly at: string },
): Promise<Session | null> {
  const session = await tx.db
    .selectFrom('sessions')
    .select(SESSION_COLUMNS)
    .where('hash', '=', sha256Hex(request.cookie))
    .where('expiresAt', '>', request.at)
    .executeTakeFirst();
  return session ?? null;
}

export async function endSession(tx: SystemTx, cookie: string): Promise<void> {
  await tx.db.deleteFrom('sessions').where('hash', '=', sha256Hex(cookie)).execute();
}
