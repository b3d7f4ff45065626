import { sha256Hex } from '../contracts/digest';
import { noteTextOf } from '../contracts/words/names';
import type { TextName } from '../contracts/words/task';
import { putTexts } from '../store/texts';
import type { ApiDependencies } from './dependencies';
import { nowOf } from './dependencies';

/** What people say in words, besides inputs and drafts. */
export type SaidKind = Parameters<typeof noteTextOf>[0];

interface Said {
  readonly tenant: string;
  readonly text: string;
}

/** The name of a text that somebody said. Its digest is keyed: that of a short text could be guessed, and the name goes into a history. */
export function nameOfSaid(
  { keyring }: Pick<ApiDependencies, 'keyring'>,
  kind: SaidKind,
  { tenant, text }: Said,
): TextName {
  return noteTextOf(kind, sha256Hex(keyring.blindIndex(tenant, kind, text)));
}

/** Keeps what was said of a task, encrypted, and gives its name for the workflow. */
export async function keepSaid(
  dependencies: ApiDependencies,
  kind: SaidKind,
  { tenant, taskId, text }: Said & { readonly taskId: string },
): Promise<TextName> {
  const name = nameOfSaid(dependencies, kind, { tenant, text });
  const put = { taskId, texts: { [name]: text }, at: nowOf(dependencies) };
  await dependencies.store.inTenant(tenant, (tx) => putTexts(tx, dependencies.keyring, put));
  return name;
}
