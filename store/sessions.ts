import { randomBytes } from 'node:crypto';
import { sha256Hex } from '../contracts/digest';
import { SCOPES, type Scope } from '../contracts/words/vocabulary';
import { standingOf } from './memberStanding';
import type { SystemTx, TenantTx } from './store';

export interface Session {
  readonly tenant: string;
  /** The id of the member: the actor of what the session does. */
  readonly actorId: string;
  /** What the member's roles give at this time. */
  readonly scopes: readonly Scope[];
  readonly expiresAt: string;
}

const SESSION_COLUMNS = ['tenant', 'actorId', 'scopes', 'expiresAt', 'memberId'] as const;

function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** Makes a token that opens one session of a member, once. Only its hash is stored. */
export async function createSignInToken(
  tx: TenantTx,
  request: { readonly memberId: string; readonly at: string; readonly expiresAt: string },
): Promise<{ readonly token: string }> {
  const token = newSecret();
  const { memberId, at, expiresAt } = request;
  await tx.db
    .insertInto('signInTokens')
    .values({
      hash: sha256Hex(token),
      tenant: tx.tenant,
      actorId: memberId,
      memberId,
      // All that the member's roles will give whenever the session is used.
      scopes: [...SCOPES],
      createdAt: at,
      expiresAt,
    })
    .execute();
  return { token };
}

/** Spends the token and opens a session; `cookie` is its secret. Null where the token is unknown, spent or expired, or its member deactivated. */
export async function redeemSignInToken(
  tx: SystemTx,
  request: { readonly token: string; readonly at: string; readonly sessionExpiresAt: string },
): Promise<{ readonly cookie: string; readonly session: Session } | null> {
  const spent = await tx.db
    .deleteFrom('signInTokens')
    .where('hash', '=', sha256Hex(request.token))
    .returning(SESSION_COLUMNS)
    .executeTakeFirst();
  if (spent === undefined || spent.expiresAt <= request.at) return null;
  const standing = await standingOf(tx, spent);
  if (standing === null) return null;
  const cookie = newSecret();
  const { tenant, actorId, scopes, memberId } = spent;
  const expiresAt = request.sessionExpiresAt;
  await tx.db
    .insertInto('sessions')
    .values({
      hash: sha256Hex(cookie),
      tenant,
      actorId,
      scopes,
      memberId,
      createdAt: request.at,
      expiresAt,
    })
    .execute();
  return { cookie, session: { tenant, ...standing, expiresAt } };
}

/** Null where the session is unknown, ended or expired, or its member deactivated. */
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
  if (session === undefined) return null;
  const standing = await standingOf(tx, session);
  return standing && { tenant: session.tenant, ...standing, expiresAt: session.expiresAt };
}

export async function endSession(tx: SystemTx, cookie: string): Promise<void> {
  await tx.db.deleteFrom('sessions').where('hash', '=', sha256Hex(cookie)).execute();
}
