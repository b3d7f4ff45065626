import type { Keyring } from '../encryption/keyring';

/** What a link in an e-mail lets its member decide on: one draft, until it expires. */
export interface DecisionLink {
  readonly use: 'link';
  readonly tenant: string;
  readonly reviewId: string;
  readonly memberId: string;
  readonly round: number;
  readonly digest: string;
  readonly expiresAt: string;
}

/** What the buttons of a Slack message are about. Who clicks is told by Slack. */
export interface SlackButton {
  readonly use: 'slack';
  readonly tenant: string;
  readonly reviewId: string;
  readonly round: number;
  readonly digest: string;
}

/** The ids of the buttons, by which a click says what it asks for. */
export const APPROVE_ACTION = 'countersign_approve';
export const DECLINE_ACTION = 'countersign_decline';

export function signToken(keyring: Keyring, content: DecisionLink | SlackButton): string {
  return keyring.sign(JSON.stringify(content));
}

export type ReadToken<T> =
  | { readonly isGenuine: true; readonly content: T }
  /** `claimed`: whose tenant it says to be of, which anybody may write. */
  | { readonly isGenuine: false; readonly why: 'malformed' | 'forged'; readonly claimed: string | null };

/** The content of a token of this use. One of another use is as good as forged. */
export function readToken<U extends 'link' | 'slack'>(
  keyring: Keyring,
  token: string,
  use: U,
): ReadToken<U extends 'link' ? DecisionLink : SlackButton> {
  const verified = keyring.verify(token);
  if (!verified.isValid) return { isGenuine: false, why: verified.why, claimed: tenantClaimedBy(token) };
  const content = JSON.parse(verified.payload) as { readonly use?: string; readonly tenant: string };
  if (content.use !== use) return { isGenuine: false, why: 'forged', claimed: content.tenant };
  // We signed it for this use: it is what signToken was given.
  return { isGenuine: true, content: content as unknown as U extends 'link' ? DecisionLink : SlackButton };
}

function tenantClaimedBy(token: string): string | null {
  try {
    const payload: unknown = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8'));
    const { tenant } = Object(payload) as { tenant?: unknown };
    return typeof tenant === 'string' && /^[a-z0-9][a-z0-9-]{0,39}$/.test(tenant) ? tenant : null;
  } catch {
    return null;
  }
}
