import type { NotificationFailure } from '../../contracts/notifications';

/** A notification could not be sent. The message holds no address and no text of it. */
export class SendingError extends Error {
  override readonly name = 'SendingError';
  constructor(
    readonly failure: NotificationFailure,
    /** How long the other side asked to be left alone; null: it did not. */
    readonly retryAfterSeconds: number | null = null,
    options?: ErrorOptions,
  ) {
    super(`it was not sent: ${failure}`, options);
  }
}
