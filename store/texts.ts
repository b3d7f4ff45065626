import { type RawBuilder, sql } from 'kysely';
import type { Keyring } from '../platform/encryption/keyring';
import type { TenantTx } from './store';
import type { SubjectKey } from './subjectKeys';

interface SealedRow {
  readonly name: string;
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** Encrypts and keeps texts of an accepted task. A name that is there already keeps its text; its name is in `existed`. */
export async function putTexts(
  tx: TenantTx,
  keyring: Keyring,
  put: { readonly taskId: string; readonly texts: Readonly<Record<string, string>>; readonly at: string },
): Promise<{ readonly existed: readonly string[] }> {
  const names = Object.keys(put.texts);
  if (names.length === 0) return { existed: [] };
  const key = await keyOfTask(tx, put.taskId);
  const sealed = sealTexts(keyring, put.texts, { tenant: tx.tenant, taskId: put.taskId, key });
  const kept = await tx.db
    .insertInto('texts')
    .columns(['tenant', 'taskId', 'subjectKeyId', 'createdAt', 'name', 'nonce', 'ciphertext'])
    .expression((eb) =>
      eb
        .selectFrom(sealed.as('sealed'))
        .select([
          sql<string>`${tx.tenant}`.as('tenant'),
          sql<string>`${put.taskId}`.as('taskId'),
          sql<string>`${key.id}`.as('subjectKeyId'),
          sql<string>`${put.at}::timestamptz`.as('createdAt'),
          'sealed.name',
          'sealed.nonce',
          'sealed.ciphertext',
        ]),
    )
    .onConflict((conflict) => conflict.columns(['tenant', 'taskId', 'name']).doNothing())
    .returning('name')
    .execute();
  const isKept = new Set(kept.map(({ name }) => name));
  return { existed: names.filter((name) => !isKept.has(name)) };
}

/** The texts under these names, decrypted; a name that isn't there is missing from the answer. */
export async function getTexts(
  tx: TenantTx,
  keyring: Keyring,
  get: { readonly taskId: string; readonly names: readonly string[] },
): Promise<Readonly<Record<string, string>>> {
  if (get.names.length === 0) return {};
  const rows = await tx.db
    .selectFrom('texts')
    .innerJoin('subjectKeys as key', (join) =>
      join.onRef('key.tenant', '=', 'texts.tenant').onRef('key.id', '=', 'texts.subjectKeyId'),
    )
    .select(['texts.name', 'texts.nonce', 'texts.ciphertext', 'texts.subjectKeyId'])
    .select(['key.masterKeyId', 'key.nonce as keyNonce', 'key.ciphertext as keyCiphertext'])
    .where('texts.tenant', '=', tx.tenant)
    .where('texts.taskId', '=', get.taskId)
    .where('texts.name', '=', sql<string>`any(${get.names}::text[])`)
    .execute();
  return Object.fromEntries(
    rows.map((row) => {
      const { name, subjectKeyId, masterKeyId, keyNonce: nonce, keyCiphertext: ciphertext } = row;
      const place = { tenant: tx.tenant, taskId: get.taskId, name, subjectKeyId };
      return [name, keyring.decrypt(row, { ...place, wrappedKey: { masterKeyId, nonce, ciphertext } })];
    }),
  );
}

/** Encrypted texts as rows of a query: name, nonce, ciphertext. */
export function sealTexts(
  keyring: Keyring,
  texts: Readonly<Record<string, string>>,
  { tenant, taskId, key }: { readonly tenant: string; readonly taskId: string; readonly key: SubjectKey },
): RawBuilder<SealedRow> {
  const rows = Object.entries(texts).map(([name, text]) => {
    const place = { tenant, taskId, name, subjectKeyId: key.id, wrappedKey: key.wrappedKey };
    return { name, ...keyring.encrypt(text, place) };
  });
  const column = <T>(of: (row: SealedRow) => T): T[] => rows.map(of);
  return sql<SealedRow>`(select * from unnest(
    ${column((row) => row.name)}::text[], ${column((row) => row.nonce)}::bytea[], ${column((row) => row.ciphertext)}::bytea[]
  ) as sealed (name, nonce, ciphertext))`;
}

async function keyOfTask(tx: TenantTx, taskId: string): Promise<SubjectKey> {
  const row = await tx.db
    .selectFrom('tasks')
    .innerJoin('subjectKeys as key', (join) =>
      join.onRef('key.tenant', '=', 'tasks.tenant').onRef('key.id', '=', 'tasks.subjectKeyId'),
    )
    .select(['key.id', 'key.masterKeyId', 'key.nonce', 'key.ciphertext'])
    .where('tasks.tenant', '=', tx.tenant)
    .where('tasks.id', '=', taskId)
    .executeTakeFirst();
  if (row === undefined)
    throw new Error(`the texts can't be kept: there is no task ${taskId}, or its subject's key is gone`);
  const { id, ...wrappedKey } = row;
  return { id, wrappedKey };
}
