/** Ends an exhaustive switch: a value that reaches it is a defect of ours, never of the input. */
export function assertNever(value: never): never {
  throw new TypeError(`unexpected value ${JSON.stringify(value)}`);
}
