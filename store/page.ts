export interface PageRequest {
  /** 1 to 200; default 50. */
  readonly limit?: number;
  /** `nextCursor` of the page before. Throws an InvalidCursorError where it is anything else. */
  readonly cursor?: string | undefined;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Null on the last page. */
  readonly nextCursor: string | null;
}
