/** One way to have something approved, as the benchmark drives it. */
export interface Driver {
  /** From the start to the end, with the approval given as soon as it is asked for. */
  cycle(): Promise<void>;
  /** Alone: milliseconds from sending the approval to the end being known. */
  resume(): Promise<number>;
  close(): Promise<void>;
}
