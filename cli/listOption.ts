/** Collects an option whose values may be given one by one or with commas. */
export function listOption(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...text.split(',').map((each) => each.trim())];
}
