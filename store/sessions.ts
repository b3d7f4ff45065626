import type { Scope } from '../contracts/words/vocabulary';
import type { SystemTx, TenantTx } from './store';

export interface Session {
  readonly tenant: string;
  /** The opaque id of the person: the actor of what the session does. */
  readonly actorId: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt: string;
}

/** Makes a token that opens one session, once. Only its hash is stored. */
export declare function createSignInToken(
  tx: TenantTx,
  request: { readonly actorId: string; readonly scopes: readonly Scope[]; readonly at: string; readonly expiresAt: string },
): Promise<{ readonly token: string }>;

/** Spends the token and opens a session; `cookie` is its secret. Null where the token is unknown, spent or expired. */
export declare function redeemSignInToken(
  tx: SystemTx,
  request: { readonly token: string; readonly at: string; readonly sessionExpiresAt: string },
): Promise<{ readonly cookie: string; readonly session: Session } | null>;

/** Null where the session is unknown, ended or expired. */
export declare function readSession(
  tx: SystemTx,
  request: { readonly cookie: string; readonly at: string },
): Promise<Session | null>;

export declare function endSession(tx: SystemTx, cookie: string): Promise<void>;
