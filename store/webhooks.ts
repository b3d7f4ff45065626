import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { WebhookEvent } from '../contracts/words/vocabulary';
import type { Keyring } from '../platform/encryption/keyring';
import type { TenantTx } from './store';

export interface WebhookDelivery {
  readonly taskId: string;
  readonly event: WebhookEvent;
  /** Makes the webhook id. */
  readonly key: string;
  readonly attempts: number;
  /** Of the last attempt; null where there was no answer. */
  readonly lastStatus: number | null;
  /** `parked`: no longer tried. */
  readonly state: 'pending' | 'delivered' | 'parked';
  readonly createdAt: string;
  readonly lastAttemptAt: string | null;
  readonly endedAt: string | null;
}

const SECRET_BYTES = 32;
const SECRET_NAME = 'webhook';
const DELIVERY_COLUMNS = [
  'taskId',
  'event',
  'key',
  'attempts',
  'lastStatus',
  'state',
  'createdAt',
  'lastAttemptAt',
  'endedAt',
] as const satisfies readonly (keyof WebhookDelivery)[];

/** The secret that signs the tenant's webhooks, made at the first use: 32 bytes. */
export async function webhookSecret(tx: TenantTx, keyring: Keyring, at: string): Promise<Uint8Array> {
  const place = { tenant: tx.tenant, name: SECRET_NAME };
  const read = tx.db
    .selectFrom('webhookSecrets')
    .select(['masterKeyId', 'nonce', 'ciphertext'])
    .where('tenant', '=', tx.tenant);
  const found = await read.executeTakeFirst();
  if (found !== undefined) return keyring.unwrapSecret(found, place);
  await tx.db
    .insertInto('webhookSecrets')
    .values({ tenant: tx.tenant, createdAt: at, ...keyring.wrapSecret(randomBytes(SECRET_BYTES), place) })
    .onConflict((conflict) => conflict.column('tenant').doNothing())
    .execute();
  return keyring.unwrapSecret(await read.executeTakeFirstOrThrow(), place);
}

export interface DeliveryAttempt extends Pick<WebhookDelivery, 'taskId' | 'event' | 'key' | 'state'> {
  readonly status: number | null;
  readonly at: string;
}

/** Counts an attempt of a delivery, and notes how it stands. What was delivered stays so, whatever a late attempt says. */
export async function recordDeliveryAttempt(tx: TenantTx, attempt: DeliveryAttempt): Promise<WebhookDelivery> {
  const { taskId, event, key, state, status, at } = attempt;
  const endedAt = state === 'pending' ? null : at;
  const stays = sql`webhook_deliveries.state = 'delivered'`;
  return tx.db
    .insertInto('webhookDeliveries')
    .values({
      ...{ tenant: tx.tenant, taskId, event, key, state, endedAt },
      ...{ attempts: 1, lastStatus: status, createdAt: at, lastAttemptAt: at },
    })
    .onConflict((conflict) =>
      conflict.columns(['tenant', 'taskId', 'event', 'key']).doUpdateSet({
        attempts: sql<number>`webhook_deliveries.attempts + 1`,
        lastAttemptAt: at,
        lastStatus: sql<number>`case when ${stays} then webhook_deliveries.last_status else excluded.last_status end`,
        state: sql<'delivered'>`case when ${stays} then webhook_deliveries.state else excluded.state end`,
        endedAt: sql<string>`case when ${stays} then webhook_deliveries.ended_at else excluded.ended_at end`,
      }),
    )
    .returning(DELIVERY_COLUMNS)
    .executeTakeFirstOrThrow();
}

export function readDeliveries(tx: TenantTx, taskId: string): Promise<readonly WebhookDelivery[]> {
  return tx.db
    .selectFrom('webhookDeliveries')
    .select(DELIVERY_COLUMNS)
    .where('tenant', '=', tx.tenant)
    .where('taskId', '=', taskId)
    .orderBy('createdAt')
    .orderBy('key')
    .execute();
}
