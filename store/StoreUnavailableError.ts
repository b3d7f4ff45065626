/**
 * The store could not be reached, or was lost in the middle. Nothing was committed, unless it was lost while it committed: what is
 * done again must be idempotent.
 */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
  constructor(cause: unknown) {
    super(`the store can't be reached: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
