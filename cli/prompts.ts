/** Loaded when somebody is there to be asked. */
export function loadPrompts() {
  return import('@clack/prompts');
}

/** No, unless a person says yes. */
export async function confirmed(message: string): Promise<boolean> {
  const { confirm } = await loadPrompts();
  return (await confirm({ message, initialValue: false })) === true;
}

/** What a person writes on one line; undefined when they think better of it. */
export async function asked(
  message: string,
  validate?: (text: string) => string | undefined,
): Promise<string | undefined> {
  const { text, isCancel } = await loadPrompts();
  const answer = await text({
    message,
    ...(validate === undefined ? {} : { validate: (given = '') => validate(given) }),
  });
  return isCancel(answer) ? undefined : answer;
}
