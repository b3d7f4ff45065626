import { createHmac, timingSafeEqual } from 'node:crypto';

const FIVE_MINUTES_S = 5 * 60;

export interface SignedRequest {
  /** `X-Slack-Signature`. */
  readonly signature: string | undefined;
  /** `X-Slack-Request-Timestamp`, seconds since 1970. */
  readonly timestamp: string | undefined;
  /** As it came, before any parsing. */
  readonly body: Buffer;
}

/**
 * Whether a request comes from Slack, and not from more than five minutes ago: HMAC-SHA-256 of `v0:<timestamp>:<body>` under the
 * app's signing secret (docs.slack.dev, "Verifying requests from Slack").
 */
export function isFromSlack({ signature, timestamp, body }: SignedRequest, secret: string, now: Date): boolean {
  if (signature === undefined || timestamp === undefined || !/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(now.getTime() / 1000 - Number(timestamp)) > FIVE_MINUTES_S) return false;
  const expected = Buffer.from(
    `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex')}`,
  );
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
