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
  readonly state: 'pending' | 'delivered' | 'parked';
  readonly createdAt: string;
  readonly lastAttemptAt: string | null;
  readonly endedAt: string | null;
}

/** The secret that signs the tenant's webhooks, made at the first use: 32 bytes. */
export declare function webhookSecret(tx: TenantTx, keyring: Keyring, at: string): Promise<Uint8Array>;

/** Counts an attempt of a delivery and its end. What is delivered stays so. */
export declare function recordDeliveryAttempt(
  tx: TenantTx,
  attempt: Pick<WebhookDelivery, 'taskId' | 'event' | 'key' | 'state'> & { readonly status: number | null; readonly at: string },
): Promise<WebhookDelivery>;

export declare function readDeliveries(tx: TenantTx, taskId: string): Promise<readonly WebhookDelivery[]>;
